// Renders a chart without Helm, with Helm's components: Go's templates, sprig, and a few functions of its own. It implements only
// the part of Helm that our chart uses.
//
//	render CHART [VALUES]...
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v2"
)

func clean(v interface{}) interface{} {
	switch x := v.(type) {
	case map[interface{}]interface{}:
		m := map[string]interface{}{}
		for k, e := range x {
			m[fmt.Sprint(k)] = clean(e)
		}
		return m
	case []interface{}:
		for i := range x {
			x[i] = clean(x[i])
		}
		return x
	}
	return v
}
func load(p string) map[string]interface{} {
	b, err := os.ReadFile(p)
	if err != nil {
		panic(err)
	}
	var v interface{}
	if err := yaml.Unmarshal(b, &v); err != nil {
		panic(fmt.Sprint(p, err))
	}
	if v == nil {
		return map[string]interface{}{}
	}
	return clean(v).(map[string]interface{})
}
func merge(a, b map[string]interface{}) map[string]interface{} {
	for k, v := range b {
		if m, ok := v.(map[string]interface{}); ok {
			if n, ok := a[k].(map[string]interface{}); ok {
				a[k] = merge(n, m)
				continue
			}
		}
		if v == nil {
			delete(a, k)
			continue
		}
		a[k] = v
	}
	return a
}
func main() {
	chart := os.Args[1]
	values := load(chart + "/values.yaml")
	for _, p := range os.Args[2:] {
		values = merge(values, load(p))
	}
	meta := load(chart + "/Chart.yaml")
	top := map[string]interface{}{}
	for k, v := range meta {
		top[strings.ToUpper(k[:1])+k[1:]] = v
	}
	t := template.New("chart").Option("missingkey=zero")
	f := sprig.TxtFuncMap()
	delete(f, "env")
	delete(f, "expandenv")
	f["toYaml"] = func(v interface{}) string {
		b, err := yaml.Marshal(v)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(b), "\n")
	}
	f["include"] = func(n string, d interface{}) (string, error) {
		var b bytes.Buffer
		err := t.ExecuteTemplate(&b, n, d)
		return b.String(), err
	}
	f["tpl"] = func(s string, d interface{}) (string, error) {
		var b bytes.Buffer
		u, err := template.Must(t.Clone()).New("tpl").Parse(s)
		if err != nil {
			return "", err
		}
		err = u.Execute(&b, d)
		return b.String(), err
	}
	f["required"] = func(m string, v interface{}) (interface{}, error) {
		if v == nil || v == "" {
			return nil, fmt.Errorf("%s", m)
		}
		return v, nil
	}
	f["lookup"] = func(a, b, c, d string) map[string]interface{} { return nil }
	t.Funcs(f)
	files, _ := filepath.Glob(chart + "/templates/*")
	sort.Strings(files)
	for _, p := range files {
		b, _ := os.ReadFile(p)
		if _, err := t.New(filepath.Base(p)).Parse(string(b)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	data := map[string]interface{}{
		"Values": values, "Chart": top,
		"Release":  map[string]interface{}{"Name": "zhaoren", "Namespace": "city", "Service": "Helm", "IsInstall": true, "Revision": 1},
		"Template": map[string]interface{}{"BasePath": "zhaoren/templates"},
	}
	for _, p := range files {
		if strings.HasSuffix(p, ".tpl") || strings.HasSuffix(p, ".txt") {
			continue
		}
		var b bytes.Buffer
		if err := t.ExecuteTemplate(&b, filepath.Base(p), data); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if strings.TrimSpace(b.String()) == "" {
			continue
		}
		fmt.Printf("---\n# Source: %s\n%s\n", filepath.Base(p), b.String())
	}
}
