package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/broker"
)

// foreseenAnswer is how a request would be decided now. It has no id, no place
// in the ledger and no value, because there are none.
type foreseenAnswer struct {
	DryRun        bool           `json:"dry_run" validate:"required"`
	Transaction   string         `json:"transaction" validate:"required"`
	Requester     string         `json:"requester" validate:"required"`
	Subject       string         `json:"subject" validate:"required"`
	Purpose       string         `json:"purpose" validate:"required" docs:"purpose"`
	Decision      string         `json:"decision" validate:"required,oneof=granted pending refused"`
	Fields        []fieldAnswer  `json:"fields" validate:"required" description:"those that would be granted, that the purpose does not need and, where all is refused, the others; without values, and with a reason only where anybody can work it out"`
	Reasons       []reasonAnswer `json:"reasons,omitempty" description:"what is missing, if that is why"`
	PolicyVersion string         `json:"policy_version" validate:"required"`
	Explanation   []string       `json:"explanation,omitempty" description:"with explain=1: the same in sentences, in the language of Accept-Language"`
}

const foreseenExample = `{"dry_run":true,"transaction":"t-1","requester":"s-1","subject":"b-1","purpose":"deliver","decision":"refused",
"fields":[{"field":"name","outcome":"withheld"}],
"reasons":[{"code":"no_performance","detail":"this rests on a performance that nobody has attested yet","missing":[{"obligation":"pay","need":"221.65","have":"0.00"}]}],
"policy_version":"sha256:ab12"}`

// foresee answers a dry run.
func (s *Server) foresee(c *call, in broker.DisclosureInput, once *broker.Outcome, proven, explained bool) error {
	if proven {
		return atParameter("/proof", "no_entry", "a dry run leaves no entry, so there is nothing to prove")
	}
	v, replayed, err := s.Broker.Foresee(c.ctx, c.caller(marketplace), in, once)
	if err != nil {
		return err
	}
	shown := showDisclosure(&v)
	a := &foreseenAnswer{
		DryRun: true, Transaction: shown.Transaction, Requester: shown.Requester, Subject: shown.Subject, Purpose: shown.Purpose,
		Decision: shown.Decision, Fields: *shown.Fields, Reasons: shown.Reasons, PolicyVersion: shown.PolicyVersion,
	}
	if explained {
		if a.Explanation, err = c.explain(&v); err != nil {
			return err
		}
	}
	return c.answerOnce(http.StatusOK, a, replayed)
}

// wants reads ?proof=1 and ?explain=1.
func (c *call) wants() (proof, explanation bool, err error) {
	if proof, err = c.chosen("proof", "/proof"); err != nil {
		return false, false, err
	}
	explanation, err = c.chosen("explain", "/explain")
	return proof, explanation, err
}

// adorn adds to an answer what was asked for beside it.
func (c *call) adorn(a *disclosureAnswer, v *broker.DisclosureView, proven, explained bool) (err error) {
	if proven {
		if err := c.prove(a); err != nil {
			return err
		}
	}
	if explained {
		a.Explanation, err = c.explain(v)
	}
	return err
}

// explain says a disclosure in sentences, in the language that suits the caller.
func (c *call) explain(v *broker.DisclosureView) ([]string, error) {
	e, err := c.server.plain()
	if err != nil {
		return nil, err
	}
	sentences, tag := e.Explain(v.Plain(), c.Get(fiber.HeaderAcceptLanguage))
	c.Set(fiber.HeaderContentLanguage, tag)
	c.Vary(fiber.HeaderAcceptLanguage)
	return sentences, nil
}
