package demography

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The loops that take four cells at a time give the bits of the plain ones.
func TestVectorsGiveTheSameBits(t *testing.T) {
	if !vectors {
		t.Skip("this processor has no AVX2: there is one kind of loop")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var p, death, pool, norm, stay, im [Cells]float64
		var out, share [Cells]float32
		for c := range Cells {
			p[c], death[c], pool[c], norm[c] = 3e4*r.Float64(), r.Float64()*r.Float64(), 1e5*r.Float64(), r.Float64()
			stay[c], im[c], out[c], share[c] = 1-0.01*r.Float64(), 100*r.Float64(), r.Float32()/5, r.Float32()/100
		}
		mort, w, imm := 0.5+r.Float64(), 0.9+r.Float64()/5, r.Float64()/100
		q, poolQ, normQ := p, pool, norm
		age(&p, &death, &pool, &norm, &out, &share, mort, w)
		agePlain(&q, &death, &poolQ, &normQ, &out, &share, mort, w)
		for c := range Cells {
			if math.Float64bits(p[c]) != math.Float64bits(q[c]) || math.Float64bits(pool[c]) != math.Float64bits(poolQ[c]) || math.Float64bits(norm[c]) != math.Float64bits(normQ[c]) {
				t.Fatalf("ageing, cell %d: %v %v %v, plain %v %v %v", c, p[c], pool[c], norm[c], q[c], poolQ[c], normQ[c])
			}
		}
		var sums, sumsQ [lanes]float64
		move(&p, &stay, &pool, &im, &out, &share, w, imm, &sums)
		movePlain(&q, &stay, &pool, &im, &out, &share, w, imm, &sumsQ)
		if p != q || sums != sumsQ {
			t.Fatalf("moving: sums %v, plain %v", sums, sumsQ)
		}
	}
}
