package demography

import "golang.org/x/sys/cpu"

// vectors tells whether the processor has AVX2. With it, four cells are taken at
// a time; no step is fused, so every number has the bits that the plain loops give.
var vectors = cpu.X86.HasAVX2

//go:noescape
func ageAVX2(p, death, pool, norm *[Cells]float64, out, share *[Cells]float32, mort, w float64)

//go:noescape
func moveAVX2(p, stay, pool, im *[Cells]float64, out, share *[Cells]float32, w, imm float64, sums *[lanes]float64)

func age(p, death, pool, norm *[Cells]float64, out, share *[Cells]float32, mort, w float64) {
	if vectors {
		ageAVX2(p, death, pool, norm, out, share, mort, w)
		return
	}
	agePlain(p, death, pool, norm, out, share, mort, w)
}

func move(p, stay, pool, im *[Cells]float64, out, share *[Cells]float32, w, imm float64, sums *[lanes]float64) {
	if vectors {
		moveAVX2(p, stay, pool, im, out, share, w, imm, sums)
		return
	}
	movePlain(p, stay, pool, im, out, share, w, imm, sums)
}
