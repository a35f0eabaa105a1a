package main

import "testing"

// An origin that other sites frame the form from goes into a policy as it is: it is a
// scheme and a host, perhaps a port, and nothing that would say more there.
func TestEmbedOrigins(t *testing.T) {
	t.Parallel()
	for origin, takes := range map[string]bool{
		"https://shop.example.com": true, "https://shop.example.com:8443": true, "http://localhost:3000": true, "https://[2001:db8::1]:8443": true, "https://xn--shp-sna.example": true,
		"": false, "shop.example.com": false, "https://": false, "https://shop.example.com/": false, "https://shop.example.com/form": false, "https://shop.example.com?x": false,
		"https://shop.example.com#x": false, "https://user@shop.example.com": false, "HTTPS://shop.example.com": false, "ftp://shop.example.com": false, "javascript:alert(1)": false,
		"https://*.example.com": false, "https://*": false, "*": false, "'self'": false, "data:": false, "null": false,
		"https://shop.example.com; script-src *": false, "https://shop.example.com;script-src": false, "https://shop.example.com,https://other.example": false,
		"https://a.example https://b.example": false, "https://shop.example.com\r\nX-Header: 1": false, "https://sh\u00f6p.example": false, "https://shop%3b.example": false, "https://'none'": false,
	} {
		c := serveCommand{EmbedOrigin: []string{"https://first.example", origin}}
		if err := c.checkEmbedOrigins(); (err == nil) != takes {
			t.Errorf("%q: %v", origin, err)
		}
	}
	if err := (&serveCommand{}).checkEmbedOrigins(); err != nil {
		t.Error(err)
	}
}
