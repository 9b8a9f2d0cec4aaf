// Command systems checks the types of a Go program for other systems, from
// source. It takes seconds a system, where go vet compiles all dependencies for
// minutes. Of dependencies it checks the declarations alone.
//
//	systems DIRECTORY PACKAGE GOOS/GOARCH…
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ours is the prefix of the packages that are checked completely.
const ours = "github.com/agd-bridge/"

func main() {
	if len(os.Args) < 4 {
		fail(errors.New("expected DIRECTORY PACKAGE GOOS/GOARCH…"))
	}
	for _, system := range os.Args[3:] {
		if err := check(os.Args[1], os.Args[2], system); err != nil {
			fail(fmt.Errorf("%s: %w", system, err))
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "systems:", err)
	os.Exit(1)
}

// goPackage is what go list prints of a package.
type goPackage struct {
	ImportPath, Dir string
	GoFiles         []string
	// ImportMap has the paths of vendored imports.
	ImportMap map[string]string
}

// check checks a package and its dependencies for a system.
func check(dir, name, system string) error {
	goos, goarch, _ := strings.Cut(system, "/")
	list := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,GoFiles,ImportMap", name)
	list.Dir, list.Stderr = dir, os.Stderr
	list.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	out, err := list.StdoutPipe()
	if err == nil {
		err = list.Start()
	}
	if err != nil {
		return err
	}
	checked := checker{
		packages: map[string]*types.Package{"unsafe": types.Unsafe}, files: token.NewFileSet(),
		sizes: types.SizesFor("gc", goarch),
	}
	// Dependencies come first.
	for packages := json.NewDecoder(out); ; {
		var each goPackage
		if err := packages.Decode(&each); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return errors.Join(err, list.Wait())
		}
		if each.ImportPath == "unsafe" {
			continue
		}
		if err := checked.add(each); err != nil {
			checked.faults = append(checked.faults, err)
		}
	}
	return errors.Join(append(checked.faults, list.Wait())...)
}

type checker struct {
	packages map[string]*types.Package
	files    *token.FileSet
	sizes    types.Sizes
	faults   []error
}

// add checks a package whose imports have been added. Its error is that of a
// file; faults of types are collected.
func (c *checker) add(each goPackage) error {
	var files []*ast.File
	for _, name := range each.GoFiles {
		file, err := parser.ParseFile(c.files, filepath.Join(each.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	isOurs := strings.HasPrefix(each.ImportPath, ours)
	config := types.Config{
		Importer:         imports{c.packages, each.ImportMap},
		Sizes:            c.sizes,
		IgnoreFuncBodies: !isOurs, DisableUnusedImportCheck: !isOurs,
		Error: func(err error) { c.faults = append(c.faults, err) },
	}
	c.packages[each.ImportPath], _ = config.Check(each.ImportPath, c.files, files, nil) // Error has it
	return nil
}

// imports finds the packages that a package imports.
type imports struct {
	packages map[string]*types.Package
	renamed  map[string]string
}

func (i imports) Import(path string) (*types.Package, error) {
	if real, is := i.renamed[path]; is {
		path = real
	}
	if found := i.packages[path]; found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("no package %q", path)
}
