//go:build !amd64

package demography

const vectors = false

func age(p, death, pool, norm *[Cells]float64, out, share *[Cells]float32, mort, w float64) {
	agePlain(p, death, pool, norm, out, share, mort, w)
}

func move(p, stay, pool, im *[Cells]float64, out, share *[Cells]float32, w, imm float64, sums *[lanes]float64) {
	movePlain(p, stay, pool, im, out, share, w, imm, sums)
}
