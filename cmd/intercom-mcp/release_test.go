package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestReleaseFile holds .goreleaser.yaml against the Makefile, and what it names against what there is. Whether
// GoReleaser takes it is known by make release, which compiles that for minutes.
func TestReleaseFile(t *testing.T) {
	root := filepath.Join("..", "..")
	read := func(name string) string {
		body, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	var release struct {
		Version int
		Dist    string
		Builds  []struct {
			Main         string
			Ldflags, Env []string
			Goos, Goarch []string
		}
		Archives []struct{ Files []struct{ Src string } }
		Dockers  []struct {
			Dockerfile string
			Platforms  []string
		} `yaml:"dockers_v2"`
		Sboms []struct{ Documents []string }
		Casks []struct{ License string } `yaml:"homebrew_casks"`
	}
	if err := yaml.Unmarshal([]byte(read(".goreleaser.yaml")), &release); err != nil {
		t.Fatal(err)
	}
	if len(release.Builds) != 1 || len(release.Archives) != 1 || len(release.Dockers) != 1 || len(release.Sboms) != 1 ||
		len(release.Casks) != 1 || release.Version != 2 {
		t.Fatalf("one program, archive, image, list of contents and cask are wanted: %+v", release)
	}
	build, makefile := release.Builds[0], read("Makefile")
	var platforms []string
	for _, system := range build.Goos {
		for _, processor := range build.Goarch {
			platforms = append(platforms, system+"/"+processor)
		}
	}
	if !strings.Contains(makefile, "PLATFORMS := "+strings.Join(platforms, " ")+"\n") {
		t.Errorf("make cross builds for others than %s", platforms)
	}
	for name := range strings.SplitSeq("version commit date", " ") {
		want := "-X main." + name + "="
		if !strings.Contains(build.Ldflags[0], want) || !strings.Contains(makefile, want) {
			t.Errorf("%s is not set by both", name)
		}
	}
	if !slices.Contains(build.Env, "CGO_ENABLED=0") || !strings.HasPrefix(build.Ldflags[0], "-s -w ") {
		t.Errorf("the program is not static, or not stripped: %+v", build)
	}
	for _, platform := range release.Dockers[0].Platforms {
		if !slices.Contains(platforms, platform) {
			t.Errorf("an image for %s, for which there is no program", platform)
		}
	}
	named := []string{build.Main, release.Dockers[0].Dockerfile}
	for _, file := range release.Archives[0].Files {
		named = append(named, file.Src)
	}
	for _, name := range named {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
	// make release narrows these lines to this machine.
	for _, line := range []string{"goos: [", "goarch: [", "platforms: ["} {
		if strings.Count(read(".goreleaser.yaml"), line) != 1 {
			t.Errorf("%q does not stand there once", line)
		}
	}
}
