package main

import (
	"errors"
	"net/url"
	"strings"
)

// shown is the database's address without its password.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	return u.Redacted()
}

// withoutSecret takes the password out of an error's text.
func withoutSecret(err error, address string) error {
	u, bad := url.Parse(address)
	if bad != nil {
		return errors.New(strings.ReplaceAll(err.Error(), address, "(the address)"))
	}
	if password, ok := u.User.Password(); ok && password != "" && strings.Contains(err.Error(), password) {
		return errors.New(strings.ReplaceAll(err.Error(), password, "xxxxx"))
	}
	return err
}
