package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type composeService struct {
	Build       string            `yaml:"build"`
	Image       string            `yaml:"image"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	Networks    []string          `yaml:"networks"`
	ReadOnly    bool              `yaml:"read_only"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

type composeFile struct {
	Services map[string]composeService `yaml:"services"`
	Volumes  map[string]any            `yaml:"volumes"`
	Networks map[string]struct {
		Internal bool `yaml:"internal"`
	} `yaml:"networks"`
}

func readCompose(t *testing.T) composeFile {
	t.Helper()
	b, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var f composeFile
	if err := yaml.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Services) != 2 {
		t.Fatalf("services = %d, want the broker and its database", len(f.Services))
	}
	return f
}

// A build of today and one of next year start from the same images.
func TestComposeImagesPinned(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^[a-z][a-z0-9/._-]*:(\d[\w.-]*|bookworm-slim)(@sha256:[0-9a-f]{64})?$`)
	var images []string
	for _, s := range readCompose(t).Services {
		images = append(images, s.Image)
	}
	b, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(b), -1) {
		images = append(images, m[1])
	}
	if len(images) != 4 {
		t.Errorf("images = %q, want four", images)
	}
	for _, image := range images {
		if !pinned.MatchString(image) {
			t.Errorf("image %q is not pinned to a version", image)
		}
	}
	if !regexp.MustCompile(`(?m)^USER bauta$`).Match(b) {
		t.Error("the image runs as root")
	}
}

// Whatever looks like a secret comes from outside the file, and its absence is
// an error rather than an empty password.
func TestComposeHoldsNoSecret(t *testing.T) {
	t.Parallel()
	secret := regexp.MustCompile(`(?i)password|secret|token|private`)
	inURL := regexp.MustCompile(`://[^/:@]*:([^@]*)@`)
	required := regexp.MustCompile(`^\$\{[A-Z_]+:\?[^}]+\}$`)
	found := 0
	for name, s := range readCompose(t).Services {
		for key, value := range s.Environment {
			if m := inURL.FindStringSubmatch(value); m != nil {
				value = m[1]
			} else if !secret.MatchString(key) {
				continue
			}
			found++
			if !required.MatchString(value) {
				t.Errorf("%s: %s holds a secret, or none is asked for", name, key)
			}
		}
		for _, word := range s.Command {
			if inURL.MatchString(word) || secret.MatchString(word) {
				t.Errorf("%s: the command line holds a secret, which every user of the machine can read", name)
			}
		}
	}
	if found != 2 {
		t.Errorf("secrets = %d, want the password at both ends", found)
	}
}

func TestComposeBroker(t *testing.T) {
	t.Parallel()
	f := readCompose(t)
	s := f.Services["bauta"]
	if s.Build != "." || !s.ReadOnly {
		t.Errorf("build = %q, read_only = %t", s.Build, s.ReadOnly)
	}
	if !slices.Contains(s.Command, "--behind-proxy") || s.Command[0] != "serve" {
		t.Errorf("command = %q", s.Command)
	}
	if got := s.DependsOn["database"].Condition; got != "service_healthy" {
		t.Errorf("starts when the database is %q", got)
	}
	if !strings.Contains(strings.Join(s.Healthcheck.Test, " "), "/healthz") {
		t.Errorf("healthcheck = %q", s.Healthcheck.Test)
	}
	for _, p := range s.Ports {
		if !strings.HasPrefix(p, "127.0.0.1:") {
			t.Errorf("port %s is open to the network without TLS", p)
		}
	}
	// The check is shell: at least it is one.
	if out, err := exec.CommandContext(t.Context(), "bash", "-n", "-c", s.Healthcheck.Test[3]).CombinedOutput(); err != nil {
		t.Errorf("healthcheck: %v %s", err, out)
	}
}

// Keys and data are on different volumes: a copy of one opens nothing.
func TestComposeKeysApart(t *testing.T) {
	t.Parallel()
	f := readCompose(t)
	mounts := map[string][]string{} // volume to the places it is mounted at
	for name, s := range f.Services {
		for _, v := range s.Volumes {
			volume, at, _ := strings.Cut(v, ":")
			if _, declared := f.Volumes[volume]; !declared {
				t.Errorf("%s: volume %q is not a named one", name, volume)
			}
			mounts[volume] = append(mounts[volume], name+":"+at)
		}
	}
	keys := "bauta:" + f.Services["bauta"].Environment["BAUTA_KEYS"]
	if !slices.Equal(mounts["keys"], []string{keys}) {
		t.Errorf("the volume of the keys is mounted at %q, want only %q", mounts["keys"], keys)
	}
}

func TestComposeDatabaseInside(t *testing.T) {
	t.Parallel()
	f := readCompose(t)
	s := f.Services["database"]
	if len(s.Ports) != 0 {
		t.Errorf("the database is published on %q", s.Ports)
	}
	if len(s.Networks) != 1 || !f.Networks[s.Networks[0]].Internal {
		t.Errorf("the database is on %q, not on an internal network alone", s.Networks)
	}
	if len(s.Healthcheck.Test) == 0 {
		t.Error("the database has no healthcheck, so the broker cannot wait for it")
	}
	if !slices.Contains(s.Command, "-clog_min_messages=log") {
		t.Error("the database logs failed statements, whose messages quote values")
	}
}
