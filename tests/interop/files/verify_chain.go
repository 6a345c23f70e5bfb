// Copyright: (c) 2026, the interlock.cluster contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Verify certificate chains as a Go client and a Go server would: for each argument DIRECTORY,HOST prints
// "ok", or "refused: " and why. A directory holds leaf.pem, chain.pem (above the leaf) and roots.pem.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func certificates(path string) []*x509.Certificate {
	rest, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	var found []*x509.Certificate
	for block, rest := pem.Decode(rest); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			panic(err)
		}
		found = append(found, certificate)
	}
	return found
}

func pool(path string) *x509.CertPool {
	found := x509.NewCertPool()
	for _, certificate := range certificates(path) {
		found.AddCert(certificate)
	}
	return found
}

func verify(directory, host string) error {
	options := x509.VerifyOptions{
		DNSName:       host,
		Roots:         pool(filepath.Join(directory, "roots.pem")),
		Intermediates: pool(filepath.Join(directory, "chain.pem")),
	}
	leaf := certificates(filepath.Join(directory, "leaf.pem"))[0]
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		options.KeyUsages = []x509.ExtKeyUsage{usage}
		if _, err := leaf.Verify(options); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	for _, argument := range os.Args[1:] {
		directory, host, _ := strings.Cut(argument, ",")
		if err := verify(directory, host); err != nil {
			fmt.Println("refused:", err)
		} else {
			fmt.Println("ok")
		}
	}
}
