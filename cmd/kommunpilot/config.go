package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Store says where everything is kept; every command that touches data has it.
type Store struct {
	Config   string `placeholder:"FILE" help:"A TOML file with settings."`
	Database string `default:"sqlite:data/kommunpilot.db" placeholder:"ADDRESS" help:"The database: sqlite:PATH, or postgres://user:password@host/name. Default: sqlite:data/kommunpilot.db."`
	Files    string `default:"data/files" placeholder:"FOLDER" help:"The folder of attachments. Nodes that share a PostgreSQL database share this folder too. Default: data/files."`
	Roads    string `default:"data/roads" placeholder:"FOLDER" help:"The folder of road networks, as roads load fills it. Default: data/roads."`
}

// Config is every setting of a running node.
type Config struct {
	Store

	Address      string  `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the pages are served. Put a proxy with TLS in front. Default: 127.0.0.1:8080."`
	AdminAddress string  `placeholder:"HOST:PORT" help:"Where /metrics is served. Without it, /metrics is on the same address as the pages and answers only direct requests from this machine."`
	Proxies      Proxies `placeholder:"ADDRESSES" help:"The proxies in front, as 127.0.0.1 or 10.0.0.0/8 with commas between. Theirs is the word on whom a request comes from (X-Forwarded-For); without it, limits on signing in count all visitors as one."`
	PublicURL    string  `name:"public-url" placeholder:"URL" help:"The address that visitors use, for links in e-mail. Default: http:// and the address."`
	Role         Role    `default:"all" enum:"all,web,worker" placeholder:"ROLE" help:"What this node does: web serves pages, worker runs background jobs, all does both. Default: all."`
	Example      bool    `help:"Load the example programmes and show the list of people to sign in as. Never with real data."`
	MaxUpload    Size    `default:"20MB" placeholder:"SIZE" help:"The largest attachment. Default: 20MB."`

	SMTP SMTPConfig `embed:"" prefix:"smtp-"`
	OIDC OIDCConfig `embed:"" prefix:"oidc-"`
	OTel OTelConfig `embed:"" prefix:"otel-"`
	Log  LogConfig  `embed:"" prefix:"log-"`
}

// Role is what a node does.
type Role string

// The roles.
const (
	RoleAll    Role = "all"
	RoleWeb    Role = "web"
	RoleWorker Role = "worker"
)

// Serves tells whether the node serves pages.
func (r Role) Serves() bool { return r != RoleWorker }

// Works tells whether the node runs background jobs.
func (r Role) Works() bool { return r != RoleWeb }

// SMTPConfig is the server that carries e-mail.
type SMTPConfig struct {
	Host     string `placeholder:"HOST" help:"The server that carries e-mail. Without it, letters are kept and not sent."`
	Port     int    `default:"587" placeholder:"PORT" help:"Its port. Default: 587."`
	User     string `placeholder:"NAME" help:"The user name, where the server asks for one."`
	Password string `placeholder:"SECRET" help:"The password. Give it by file or environment: other users of the machine can see flags."`
	From     string `placeholder:"ADDRESS" help:"The sender's e-mail address."`
	TLS      string `name:"tls" default:"required" enum:"required,implicit,optional,none" placeholder:"MODE" help:"required: STARTTLS or nothing; implicit: TLS from the first byte (port 465); optional: STARTTLS where offered; none: only for a server on this machine. Default: required."`
}

// OIDCConfig is the identity provider of a larger organisation.
type OIDCConfig struct {
	Issuer       string `placeholder:"URL" help:"The OpenID Connect provider. Without it, people sign in with a password."`
	ClientID     string `name:"client-id" placeholder:"NAME" help:"The name under which the provider knows us."`
	ClientSecret string `name:"client-secret" placeholder:"SECRET" help:"The secret shared with the provider. Give it by file or environment."`
}

// OTelConfig is where traces go.
type OTelConfig struct {
	Endpoint string `placeholder:"URL" help:"Where traces are sent (OTLP over HTTP). Without it, no traces are made."`
}

// LogConfig is the log's form.
type LogConfig struct {
	Format string `default:"text" enum:"text,json" placeholder:"FORM" help:"The log's form: text or json. Default: text."`
	Level  string `default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"How much is logged: debug, info, warn or error. Default: info."`
}

// check finds settings that do not go together, all of them at once.
func (c *Config) check() error {
	var wrong []error
	add := func(setting, problem string) {
		wrong = append(wrong, fmt.Errorf("%s: %s", setting, problem))
	}
	if _, _, err := net.SplitHostPort(c.Address); err != nil {
		add("address", fmt.Sprintf("%q is not HOST:PORT, as 127.0.0.1:8080", c.Address))
	}
	if _, _, err := net.SplitHostPort(c.AdminAddress); c.AdminAddress != "" && err != nil {
		add("admin_address", fmt.Sprintf("%q is not HOST:PORT, as 127.0.0.1:9090", c.AdminAddress))
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" && u.Path != "/") {
		add("public_url", fmt.Sprintf("%q is not an address as https://kommunpilot.example", c.PublicURL))
	}
	if c.SMTP.Host != "" && c.SMTP.From == "" {
		add("smtp.from", "is missing; letters need a sender's address")
	}
	if c.OIDC.Issuer != "" && (c.OIDC.ClientID == "" || c.OIDC.ClientSecret == "") {
		add("oidc.client_id, oidc.client_secret", "are missing; the provider needs both")
	}
	if strings.HasPrefix(c.Database, "sqlite:") && c.Role != RoleAll {
		add("role", `must be "all" with SQLite, which serves one node; several nodes need PostgreSQL`)
	}
	if err := errors.Join(wrong...); err != nil {
		return &exitError{exitBadInput, fmt.Errorf("these settings must be mended (docs/operations.md explains them):\n%w", err)}
	}
	return nil
}

// public is the address that visitors use, without a slash at its end.
func (c *Config) public() string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	return "http://" + c.Address
}

// Size is a number of bytes, written 20MB, 500kB or 1048576. The units are
// those of storage: a kB is 1000 bytes.
type Size int64

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) error {
	t := strings.ToLower(strings.ReplaceAll(string(text), " ", ""))
	factor := int64(1)
	for unit, f := range map[string]int64{"kb": 1e3, "mb": 1e6, "gb": 1e9} {
		if rest, ok := strings.CutSuffix(t, unit); ok {
			t, factor = rest, f
		}
	}
	n, err := strconv.ParseInt(t, 10, 64)
	if err != nil || n <= 0 || n > 1e12/factor {
		return fmt.Errorf("%q is not a size; write it as 20MB", text)
	}
	*s = Size(n * factor)
	return nil
}
