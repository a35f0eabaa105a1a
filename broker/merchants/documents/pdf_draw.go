package documents

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
)

// What draws a page is written anew, operator by operator: what is not drawn, comments
// and names and texts of marked content above all, does not come over.

// What is read of that is bounded.
const (
	maxDrawn    = 5_000_000 // objects of all pages
	maxPage     = 2_500_000 // of one of them, or another thing that draws: a page of all letters of a font has two million
	maxElements = 8191      // of one operand, as old readers have it (ISO 32000-1, C.2)
	flushed     = 64 << 10  // bytes that are written before they are packed
)

// drawers are the operators that are kept, with what stands before them: n is a number,
// N a name, s a string, a an array of numbers, t one of strings and numbers, * colours.
// What marks content (BMC, BDC, EMC, MP, DP), and what no table knows, is left behind.
var drawers = map[pdfWord]string{
	"q": "", "Q": "", "cm": "nnnnnn", "w": "n", "J": "n", "j": "n", "M": "n", "d": "an", "ri": "N", "i": "n", "gs": "N",
	"m": "nn", "l": "nn", "c": "nnnnnn", "v": "nnnn", "y": "nnnn", "h": "", "re": "nnnn",
	"S": "", "s": "", "f": "", "F": "", "f*": "", "B": "", "B*": "", "b": "", "b*": "", "n": "", "W": "", "W*": "",
	"BT": "", "ET": "", "Tc": "n", "Tw": "n", "Tz": "n", "TL": "n", "Tf": "Nn", "Tr": "n", "Ts": "n",
	"Td": "nn", "TD": "nn", "Tm": "nnnnnn", "T*": "", "Tj": "s", "TJ": "t", "'": "s", `"`: "nns", "d0": "nn", "d1": "nnnnnn",
	"CS": "N", "cs": "N", "SC": "*", "SCN": "*", "sc": "*", "scn": "*", "G": "n", "g": "n", "RG": "nnn", "rg": "nnn", "K": "nnnn", "k": "nnnn",
	"sh": "N", "Do": "N",
}

// drawer writes one thing that draws anew.
type drawer struct {
	w        *pdfWriter
	l        *lexer
	with     *scope
	out      pdfWriter
	pictures int
}

// drawn is what draws, written anew and packed.
func (w *pdfWriter) drawn(b []byte, with *scope) ([]byte, error) {
	d := &drawer{w: w, l: &lexer{b: b, budget: &w.f.drawing, most: maxElements}, with: with, out: pdfWriter{f: w.f}}
	p := w.packer()
	least := w.f.drawing.parts - maxPage
	var operands pdfArray
	for {
		if d.l.blanks(); d.l.at >= len(b) {
			break
		}
		o, err := d.l.next()
		if err != nil {
			return nil, err
		}
		operator, is := o.(pdfWord)
		if !is {
			if operands = append(operands, o); len(operands) > maxDepth+1 {
				return nil, ErrDamaged
			}
			continue
		}
		if err := d.draw(operator, operands); err != nil {
			return nil, err
		}
		operands = operands[:0]
		if w.f.drawing.parts < least {
			return nil, ErrTooComplex
		}
		if d.out.out.Len() > flushed {
			_, _ = d.out.out.WriteTo(p) // p keeps what went wrong
		}
	}
	_, _ = d.out.out.WriteTo(p)
	return p.end()
}

// draw writes one operator, if it is one.
func (d *drawer) draw(operator pdfWord, operands pdfArray) error {
	takes, draws := drawers[operator]
	switch {
	case operator == "BI":
		return d.inline()
	case !draws:
		return nil
	case !fits(operands, takes):
		return ErrDamaged // readers differ in what they make of it
	}
	if err := d.with.rename(operator, operands); err != nil {
		return err
	}
	for _, x := range operands {
		d.out.operand(x)
		d.out.out.WriteByte(' ')
	}
	d.out.out.WriteString(string(operator) + "\n")
	return nil
}

// fits says whether operands are those of an operator.
func fits(operands pdfArray, takes string) bool {
	if takes == "*" {
		numbers := operands
		if n := len(operands); n > 0 {
			if _, name := operands[n-1].(pdfName); name {
				numbers = operands[:n-1]
			}
		}
		return !slices.ContainsFunc(numbers, func(o any) bool { return !is(o, 'n') })
	}
	if len(operands) != len(takes) {
		return false
	}
	for i, o := range operands {
		if !is(o, takes[i]) {
			return false
		}
	}
	return true
}

func is(o any, kind byte) bool {
	switch o := o.(type) {
	case pdfNumber:
		return kind == 'n'
	case pdfName:
		return kind == 'N'
	case pdfString:
		return kind == 's'
	case pdfArray:
		return (kind == 'a' || kind == 't') && !slices.ContainsFunc(o, func(x any) bool { return !is(x, 'n') && (kind == 'a' || !is(x, 's')) })
	}
	return false
}

// operand writes an object as what draws has it: text as text.
func (w *pdfWriter) operand(o any) {
	switch o := o.(type) {
	case pdfString:
		w.out.WriteByte('(')
		w.out.WriteString(asLiteral.Replace(string(o)))
		w.out.WriteByte(')')
	case pdfArray:
		w.out.WriteByte('[')
		for i, x := range o {
			if i > 0 {
				w.out.WriteByte(' ')
			}
			w.operand(x)
		}
		w.out.WriteByte(']')
	default:
		w.write(o)
	}
}

var asLiteral = strings.NewReplacer([]string{`\`, `\\`, "(", `\(`, ")", `\)`, "\r", `\r`, "\n", `\n`}...)

// packer packs what is written into it, and looks for metadata in it.
type packer struct {
	w     *pdfWriter
	out   bytes.Buffer
	words finder
	err   error
}

// packer begins to pack; there is one at a time.
func (w *pdfWriter) packer() *packer {
	p := &packer{w: w}
	if w.zip == nil {
		w.zip = zlib.NewWriter(&p.out)
	} else {
		w.zip.Reset(&p.out)
	}
	return p
}

func (p *packer) Write(b []byte) (int, error) {
	_, _ = p.words.Write(b)
	n, err := p.w.zip.Write(b)
	if p.out.Len() > MaxBytes || p.w.f.budget.over() {
		err = ErrTooComplex
	}
	if p.err == nil {
		p.err = err
	}
	return n, err
}

func (p *packer) end() ([]byte, error) {
	switch err := p.w.zip.Close(); {
	case p.err != nil:
		return nil, p.err
	case err != nil:
		return nil, fmt.Errorf("pack what draws: %w", err)
	case p.words.found:
		return nil, ErrUnsupported
	}
	return p.out.Bytes(), nil
}
