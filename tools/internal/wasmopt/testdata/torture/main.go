//go:build js && wasm

// Command torture runs much of the standard library and prints what it finds: a
// program whose every package the tests rewrite, to see that control flow survives it.
package main

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"regexp"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"text/template"
	"time"
)

type point struct {
	X, Y float64
	Tags []string `json:"tags,omitempty"`
}

func main() {
	arithmetic()
	text()
	concurrency()
	recovery()
}

func arithmetic() {
	f := big.NewInt(1)
	for i := int64(1); i <= 60; i++ {
		f.Mul(f, big.NewInt(i))
	}
	fmt.Println(f, f.ProbablyPrime(4), new(big.Int).Sqrt(f))
	var sum float64
	for i := range 2000 {
		x := float64(i) / 7
		sum += math.Sin(x)*math.Exp(-x/100) + math.Cbrt(x) + math.Gamma(math.Mod(x, 5)+.5)
	}
	fmt.Printf("%.17g %x\n", sum, sha256.Sum256(fmt.Append(nil, sum)))
	v := make([]int, 3000)
	for i := range v {
		v[i] = i * 7919 % 3001
	}
	sort.Slice(v, func(i, j int) bool { return v[i]%100 < v[j]%100 || v[i]%100 == v[j]%100 && v[i] < v[j] })
	fmt.Println(v[:5], v[1500], slices.Max(v))
}

func text() {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, 9)
	if err != nil {
		panic(err)
	}
	words := strings.Repeat("a loop, a block, another loop; ", 400)
	io.WriteString(w, words)
	w.Close()
	back, err := io.ReadAll(flate.NewReader(&packed))
	fmt.Println(string(back) == words, err)
	re := regexp.MustCompile(`(l[o]+p|bl(o|u)ck)[,;]`)
	fmt.Println(len(re.FindAllString(words, -1)), re.ReplaceAllString(words[:40], "<$1>"))
	data, err := json.MarshalIndent(map[string]any{"p": point{1.5, -2e-7, []string{"π", "\n"}}, "n": nil, "l": []int{3, 1, 2}}, "", " ")
	fmt.Println(string(data), err)
	var p map[string]point
	fmt.Println(json.Unmarshal([]byte(`{"q":{"X":3,"Y":"no"}}`), &p))
	t := template.Must(template.New("").Parse(`{{range $i, $x := .}}{{if $i}}, {{end}}{{printf "%03d" $x}}{{end}}` + "\n"))
	t.Execute(&packed, []int{1, 2, 3})
	fmt.Print(packed.String())
}

func concurrency() {
	squares, results := make(chan int), make(chan int, 4)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for x := range squares {
				if x%16 == 0 {
					time.Sleep(time.Millisecond)
				}
				results <- x * x
			}
		})
	}
	go func() {
		for x := range 200 {
			squares <- x
			if x%50 == 0 {
				runtime.GC()
			}
		}
		close(squares)
		wg.Wait()
		close(results)
	}()
	total := 0
	kept := map[int][]byte{}
	for {
		select {
		case r, ok := <-results:
			if !ok {
				fmt.Println(total, len(kept), deep(3000))
				return
			}
			total += r
			kept[r%97] = append(kept[r%97], make([]byte, 1000)...)
		case <-time.After(10 * time.Second):
			panic("stuck")
		}
	}
}

// deep makes the stack grow, and so move.
func deep(n int) int {
	var pad [64]int
	if n == 0 {
		return 0
	}
	pad[n%64] = n
	return deep(n-1) + pad[n%64]&1
}

func recovery() {
	for i := range 4 {
		func() {
			defer func() { fmt.Println("recovered:", recover()) }()
			var none *point
			list := []int{1, 2, 3}
			switch i {
			case 0:
				fmt.Println(list[i+3])
			case 1:
				fmt.Println(none.X)
			case 2:
				panic(errors.Join(io.EOF, io.ErrUnexpectedEOF))
			case 3:
				fmt.Println(7 / (i - 3))
			}
		}()
	}
}
