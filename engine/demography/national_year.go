package demography

// before ages everybody, lets children be born and people die, and gathers the
// pool of those who move. Afterwards p holds x of the Model's equations.
func (w *worker) before() {
	w.pool, w.norm = [Cells]float64{}, [Cells]float64{}
	for i := range w.p {
		w.one(i)
	}
}

// children is the births of half a year to the women of p. Five sums, so that no
// addition waits for the one before.
func (w *worker) children(p *[Cells]float64) float64 {
	var s [5]float64
	f, women := w.fert[FirstBirth:LastBirth+1], p[FirstBirth:LastBirth+1]
	for a := 0; a+5 <= len(f) && a+5 <= len(women); a += 5 {
		s[0] += f[a] * women[a]
		s[1] += f[a+1] * women[a+1]
		s[2] += f[a+2] * women[a+2]
		s[3] += f[a+3] * women[a+3]
		s[4] += f[a+4] * women[a+4]
	}
	return s[0] + s[1] + s[2] + s[3] + s[4]
}

// ends are the cells that the passes' loops take as any other age and that are
// then set right.
type ends struct {
	births float64
	last   [Sexes]float64
}

func (w *worker) start(p *[Cells]float64) (e ends) {
	e.births = w.children(p)
	e.last = [Sexes]float64{p[Open] + p[Open-1], p[Ages+Open] + p[Ages+Open-1]}
	return e
}

// finish sets the oldest and the youngest right, in p and in the pool.
func (w *worker) finish(i int, e ends) {
	p, out, mort := &w.p[i], &w.m.Out[i], w.m.Mort[i]
	e.births += w.children(p)
	births := e.births * w.m.Fert[i]
	boys := births * SRB / (1 + SRB)
	young := [Sexes]float64{births - boys, boys}
	for s := range Sexes {
		c := Cell(Sex(s), Open)
		x := e.last[s] * (1 - mort*w.death[c])
		w.pool[c] += (x - p[c]) * float64(out[c])
		p[c] = x
		c = Cell(Sex(s), 0)
		x = young[s] * (1 - mort*w.death[c])
		w.pool[c] += (x - p[c]) * float64(out[c])
		p[c] = x
	}
}

func (w *worker) one(i int) {
	p := &w.p[i]
	e := w.start(p)
	out, share, mort, wi := &w.m.Out[i], &w.m.Share[i], w.m.Mort[i], w.w[i]
	pool, norm := &w.pool, &w.norm
	age(p, &w.death, pool, norm, out, share, mort, wi)
	norm[0] += wi * float64(share[0])
	pool[0] += p[0] * float64(out[0])
	w.finish(i, e)
}

// after lets people leave and gives each municipality its part of the pool and
// of the immigrants.
func (w *worker) after(y, slot int) {
	for c := range w.pool {
		if w.norm[c] > 0 {
			w.pool[c] = max(w.pool[c], 0) / w.norm[c]
		}
	}
	sum := 0.0
	var sums [lanes]float64
	stay, pool, im := &w.stay, &w.pool, &w.im
	for i := range w.p {
		p, out, share := &w.p[i], &w.m.Out[i], &w.m.Share[i]
		wi, imm := w.w[i], w.m.Immigrants[i]
		move(p, stay, pool, im, out, share, wi, imm, &sums)
		people := total(&sums)
		w.keep(i, y, slot, people)
		sum += people
	}
	w.people = sum / w.base
	if w.weighed != nil {
		w.country = [Cells]float64{}
		for i := range w.p {
			w.weigh(i, y+1, slot)
		}
		w.weighCountry(y+1, slot)
	}
}

// weigh adds a municipality to the country and keeps its weighted sums where
// they are asked for.
func (w *worker) weigh(i, y, slot int) {
	p, country := &w.p[i], &w.country
	for c := range country {
		country[c] += p[c]
	}
	if at := w.place[i]; at >= 0 {
		w.sums(p, at, y, slot)
	}
}

func (w *worker) weighCountry(y, slot int) { w.sums(&w.country, len(w.o.WeighUnits), y, slot) }

func (w *worker) sums(p *[Cells]float64, at, y, slot int) {
	var both [Ages]float64
	for a := range both {
		both[a] = p[a] + p[Ages+a]
	}
	to := w.weighed[(at*(w.o.Years+1)+y)*len(w.o.Weigh)*chunk:]
	for f := range w.o.Weigh {
		weight, sum := &w.o.Weigh[f], 0.0
		for a := range both {
			sum += weight[a] * both[a]
		}
		to[f*chunk+slot] = float32(sum)
	}
}

// keep writes a municipality's total, and its cells where they are asked for.
func (w *worker) keep(i, y, slot int, total float64) {
	w.totals[(i*w.o.Years+y)*chunk+slot] = float32(total)
	if i >= w.o.From && i < w.o.To {
		at := ((i-w.o.From)*w.o.Years + y) * Cells * chunk
		for c, v := range &w.p[i] {
			w.cells[at+c*chunk+slot] = float32(v)
		}
	}
}
