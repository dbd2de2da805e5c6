package demography

// lanes is how many sums a municipality's people are added up in, so that the
// order of the additions is the same wherever they are made.
const lanes = 8

// In the loops below each product is rounded by a conversion of its own, which
// keeps a compiler whose processor can from fusing it with the sum after it:
// the result has the same bits everywhere.

// agePlain is the inner loop of before: everybody becomes a year older and some
// die, and who leaves and what the municipality offers is gathered. Cell 0 of p
// stays.
func agePlain(p, death, pool, norm *[Cells]float64, out, share *[Cells]float32, mort, w float64) {
	for c := Cells - 1; c > 0; c-- {
		x := p[c-1] * (1 - float64(mort*death[c]))
		p[c] = x
		pool[c] += float64(x * float64(out[c]))
		norm[c] += float64(w * float64(share[c]))
	}
}

// movePlain is the inner loop of after: some leave, some come of the pool, some
// immigrate. The people are added up in lanes by c modulo 8.
func movePlain(p, stay, pool, im *[Cells]float64, out, share *[Cells]float32, w, imm float64, sums *[lanes]float64) {
	*sums = [lanes]float64{}
	for c := range p {
		x := float64(p[c]*(stay[c]-float64(out[c]))) + float64(w*float64(share[c])*pool[c]) + float64(imm*im[c])
		p[c] = x
		sums[c%lanes] += x
	}
}

// total adds the lanes up.
func total(s *[lanes]float64) float64 {
	return s[0] + s[1] + (s[2] + s[3]) + (s[4] + s[5] + (s[6] + s[7]))
}
