package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// sqliteName is a file's name as the driver wants it.
func sqliteName(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// pgTool runs pg_dump, pg_restore or psql against the database. The password
// goes through the environment, since other users can see arguments.
func pgTool(ctx context.Context, address, tool string, args ...string) error {
	path, err := findTool(tool)
	if err != nil {
		return err
	}
	environ, err := pgEnvironment(address)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // one of three programs
	cmd.Env = append(os.Environ(), environ...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", tool, err, strings.TrimSpace(out.String()))
	}
	return nil
}

// findTool looks in the path, and where Debian keeps PostgreSQL's programs;
// the newest is the one that knows every server.
func findTool(tool string) (string, error) {
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + tool); err == nil && len(found) > 0 {
		version := func(path string) int {
			n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 sorts first
			return n
		}
		sort.Slice(found, func(i, j int) bool { return version(found[i]) < version(found[j]) })
		return found[len(found)-1], nil
	}
	path, err := exec.LookPath(tool)
	if err != nil {
		return "", fmt.Errorf("%s is not installed; on Debian: apt-get install postgresql-client", tool)
	}
	return path, nil
}

// pgEnvironment spells an address as PostgreSQL's own programs read it.
func pgEnvironment(address string) ([]string, error) {
	c, err := pgconn.ParseConfig(address)
	if err != nil {
		return nil, withoutSecret(err, address)
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, withoutSecret(err, address)
	}
	out := []string{
		"PGHOST=" + c.Host, "PGPORT=" + strconv.Itoa(int(c.Port)), "PGUSER=" + c.User,
		"PGPASSWORD=" + c.Password, "PGDATABASE=" + c.Database,
	}
	for key, name := range map[string]string{"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"} {
		if v := u.Query().Get(key); v != "" {
			out = append(out, name+"="+v)
		}
	}
	return out, nil
}
