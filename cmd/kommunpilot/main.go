// Command kommunpilot serves the platform and keeps its database.
//
// Each subcommand has a file of its own; wire.go is the only place where the
// rooms meet.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
)

// CLI is every subcommand.
type CLI struct {
	Serve   ServeCmd   `cmd:"" help:"Serve the pages, the API and the background jobs."`
	Migrate MigrateCmd `cmd:"" help:"Bring the database to the newest schema."`

	Backup       BackupCmd       `cmd:"" help:"Write the database and the files to one archive, while the platform runs."`
	Restore      RestoreCmd      `cmd:"" help:"Put back an archive made by backup, and check it."`
	VerifyAudit  VerifyAuditCmd  `cmd:"" name:"verify-audit" help:"Follow the audit log's chain of hashes from the first entry to the last."`
	Archive      ArchiveCmd      `cmd:"" help:"Write a closed matter as an archive package, check one, take one in."`
	Record       RecordCmd       `cmd:"" help:"Take messages in to a project's diarium."`
	Select       SelectCmd       `cmd:"" help:"Select among applications under quotas, with proof."`
	Demography   DemographyCmd   `cmd:"" help:"Life tables and population projections."`
	Equalisation EqualisationCmd `cmd:"" help:"Compute kommunalekonomisk utjämning."`
	Grouping     GroupingCmd     `cmd:"" help:"Find the best grouping of a county's municipalities, with proof."`
	Scenario     ScenarioCmd     `cmd:"" help:"Compute what mergers, cooperation and asymmetric tasks would do."`
	Dataset      DatasetCmd      `cmd:"" help:"Check the input files of structure scenarios."`
	Roads        RoadsCmd        `cmd:"" help:"Make and show road networks."`
	Access       AccessCmd       `cmd:"" help:"Measure how far people have to services by road."`
	Knowledge    KnowledgeCmd    `cmd:"" help:"Measure the search of the knowledge bank."`
	Example      ExampleCmd      `cmd:"" help:"Make and load example programmes with living project rooms."`
	Import       ImportCmd       `cmd:"" help:"Take in what comes from outside: an edition of the register."`
	Version      VersionCmd      `cmd:"" help:"Print the version."`
	Help         HelpCmd         `cmd:"" help:"Explain a command: kommunpilot help serve."`
}

// Streams is where a command writes: answers to Out, all else to Err.
type Streams struct{ Out, Err io.Writer }

// exitError ends the program with a code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// The exit codes that every command shares.
const (
	exitFailed   = 1
	exitBadInput = 2
)

const description = `Kommunpilot: the platform on which municipalities and those who lead them run development programmes.

To try it, run

    kommunpilot serve --example

Settings come from flags, the environment (KOMMUNPILOT_ADDRESS ...) and a file (--config);
docs/operations.md lists them all.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &Streams{Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

// stopped is how kong's wish to exit (after --help) leaves the parser.
type stopped struct{ code int }

// run parses the arguments, runs the command and gives the exit code.
func run(ctx context.Context, args []string, out *Streams) (code int) {
	defer func() {
		if r := recover(); r != nil {
			s, ok := r.(stopped)
			if !ok {
				panic(r)
			}
			code = max(code, s.code)
		}
	}()
	given, err := loadSettings(args, os.Environ())
	if err != nil {
		_, _ = fmt.Fprintln(out.Err, "kommunpilot:", err)
		return exitBadInput
	}
	parser, err := newParser(ctx, given, out)
	if err != nil {
		_, _ = fmt.Fprintln(out.Err, "kommunpilot:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
		code = exitBadInput
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(out.Err, "kommunpilot: %v\nTry: kommunpilot help%s\n", err, commandOf(args))
		return exitBadInput
	}
	if err := parsed.Run(); err != nil {
		_, _ = fmt.Fprintln(out.Err, "kommunpilot:", err)
		var e *exitError
		if errors.As(err, &e) {
			return e.code
		}
		return exitFailed
	}
	return code
}

func newParser(ctx context.Context, given kong.Resolver, out *Streams) (*kong.Kong, error) {
	return kong.New(&CLI{},
		kong.Name("kommunpilot"),
		kong.Description(description),
		kong.Writers(out.Out, out.Err),
		kong.Exit(func(code int) { panic(stopped{code}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, Summary: true, WrapUpperBound: 110}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(out),
		kong.Resolvers(given),
	)
}

// commandOf gives " serve" where the arguments begin with a command, so that
// the hint after an error names it.
func commandOf(args []string) string {
	parser, err := kong.New(&CLI{})
	if err != nil || len(args) == 0 {
		return ""
	}
	if slices.ContainsFunc(parser.Model.Children, func(n *kong.Node) bool { return n.Name == args[0] }) {
		return " " + args[0]
	}
	return ""
}
