// Decodes the files named on standard input with Go's image/jpeg and image/png; the protocol is in
// tests/decoders/lines.rs.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"strings"
)

type verdict struct {
	Clean  bool   `json:"clean"`
	Words  string `json:"words"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func main() {
	answers := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		file, pixels, _ := strings.Cut(lines.Text(), "\t")
		if err := answers.Encode(judge(file, pixels)); err != nil {
			panic(err)
		}
	}
}

func judge(file, pixels string) (found verdict) {
	defer func() {
		if fault := recover(); fault != nil {
			found = verdict{Words: fmt.Sprint("panic: ", fault)}
		}
	}()
	data, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return verdict{Words: err.Error()}
	}
	if err := os.WriteFile(pixels, rgba(picture), 0o600); err != nil {
		panic(err)
	}
	size := picture.Bounds().Size()
	return verdict{Clean: true, Width: size.X, Height: size.Y}
}

// rgba gives the samples as 8-bit R, G, B, A with colour not multiplied by alpha.
func rgba(picture image.Image) []byte {
	bounds := picture.Bounds()
	samples := make([]byte, 0, 4*bounds.Dx()*bounds.Dy())
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			samples = append(samples, c.R, c.G, c.B, c.A)
		}
	}
	return samples
}
