package access

// wait makes the list of where nodes wait ready for a search.
func (s *Searcher) wait() {
	if s.queued == nil {
		s.queued = make([]uint32, s.g.Nodes())
	}
	for v := range s.queued {
		s.queued[v] = idle
	}
}

// enter queues a node for a cost, unless it waits there already.
func (s *Searcher) enter(v, cost uint32) {
	if b := cost >> s.shift; s.queued[v] != b {
		s.queued[v] = b
		s.put(v, b)
	}
}

// insert2 puts a label among the two of a node and tells whether it is one of
// them now. A label of a site that is there already replaces it if it is less.
func insert2(p *[2]Label, x Label) bool {
	switch a := p[0]; {
	case uint32(x) == uint32(a):
		if x >= a {
			return false
		}
		p[0] = x
	case x < a:
		p[1], p[0] = a, x
	case x < p[1]:
		p[1] = x
	default:
		return false
	}
	return true
}

// two labels with the two nearest sites by two searches: one for the nearest,
// and one for the second. Where an arc v → x joins the cells of two sites, v
// can have the nearest of x as its second; from there a second label spreads
// inside a cell only, since a node of another cell has a better one. So each
// of the two carries one label.
func (s *Searcher) two(lab []Label, seeds []Seed, limit uint32) {
	n := s.g.Nodes()
	if s.nearest == nil {
		s.nearest = make([]Label, n)
	}
	near := s.nearest
	for v := range near {
		near[v] = None
	}
	s.one(near, seeds, limit)
	s.pool, s.free, s.beyond, s.base = s.pool[:0], 0, s.beyond[:0], 0
	end := NewLabel(limit+1, 0)
	for v, l := range near {
		lab[2*v] = l
	}
	for _, d := range seeds {
		l := NewLabel(d.Cost, d.Site)
		if p := &lab[2*int(d.Node)+1]; d.Cost <= limit && d.Site != near[d.Node].Site() {
			*p = min(*p, l)
		}
	}
	first, arcs := s.g.First, s.g.Arcs
	for x, l := range near {
		if l == None {
			continue
		}
		for _, a := range arcs[first[x]:first[x+1]] {
			if uint32(near[a.Head]) != uint32(l) {
				p := &lab[2*int(a.Head)+1]
				*p = min(*p, l+Label(a.Weight)<<32)
			}
		}
	}
	for v := range uint32(n) {
		if p := &lab[2*int(v)+1]; *p >= end {
			*p = None
		} else {
			s.push(v, p.Cost())
		}
	}
	s.second(lab, end)
}

// second spreads the second labels that wait, in batches as one does.
func (s *Searcher) second(lab []Label, end Label) {
	first, arcs := s.g.First, s.g.Arcs
	toBucket := (s.shift + 32) & 63
	var nodes [batch]uint32
	var scans [batch]scan
	var cells [batch]uint32
	trials := s.trials
	for {
		for cur := range uint32(buckets) {
			for s.heads[cur] != 0 {
				n := s.take(cur, nodes[:])
				m := 0
				for _, u := range nodes[:n] {
					l := lab[2*int(u)+1]
					scans[m] = scan{l, first[u], first[u+1]}
					cells[m] = uint32(lab[2*int(u)])
					if more := m + 1; uint32(l>>toBucket) == s.base+cur {
						m = more
					}
				}
				for i := 0; i < m; {
					c := 0
					for ; i < m; i++ {
						sc, cell := &scans[i], cells[i]
						out := arcs[sc.from:sc.to]
						if c+len(out) > len(trials) {
							break
						}
						for _, a := range out {
							nl := sc.label + Label(a.Weight)<<32
							trials[c] = trial{nl, a.Head}
							p := (*[2]Label)(lab[2*int(a.Head):])
							better := c
							if nl < p[1] {
								better = c + 1
							}
							if uint32(p[0]) == cell {
								c = better
							}
						}
					}
					for _, t := range trials[:c] {
						if p := &lab[2*int(t.node)+1]; t.label < *p && t.label < end {
							*p = t.label
							s.push(t.node, t.label.Cost())
						}
					}
				}
			}
		}
		if !s.next() {
			return
		}
	}
}

// take takes nodes out of a bucket, as many as there is room for.
func (s *Searcher) take(bucket uint32, into []uint32) int {
	n, h := 0, s.heads[bucket]
	for h != 0 && n < len(into) {
		e := s.pool[h-1]
		s.pool[h-1] = uint64(s.free) << 32
		s.free = h
		h = uint32(e >> 32)
		into[n] = uint32(e)
		n++
	}
	s.heads[bucket] = h
	return n
}

// insert puts a label among those of a node, in order and one per site, and
// tells whether it is one of them now.
func insert(p []Label, x Label) bool {
	r := 0
	for r < len(p) && p[r] < x {
		if uint32(p[r]) == uint32(x) && p[r] != None {
			return false
		}
		r++
	}
	if r == len(p) || p[r] == x {
		return false
	}
	last := r // the place that x pushes out: the site's own, or the last
	for last < len(p)-1 && (uint32(p[last]) != uint32(x) || p[last] == None) {
		last++
	}
	copy(p[r+1:last+1], p[r:last])
	p[r] = x
	return true
}

// many is the search for any K.
func (s *Searcher) many(lab []Label, k int, seeds []Seed, limit uint32) {
	at := func(v uint32) []Label { return lab[int(v)*k : int(v)*k+k] }
	for _, d := range seeds {
		if d.Cost <= limit && insert(at(d.Node), NewLabel(d.Cost, d.Site)) {
			s.enter(d.Node, d.Cost)
		}
	}
	end := NewLabel(limit+1, 0)
	now := make([]Label, k)
	for {
		for cur := range uint32(buckets) {
			for h := s.heads[cur]; h != 0; h = s.heads[cur] {
				e := s.pool[h-1]
				s.heads[cur] = uint32(e >> 32)
				s.pool[h-1] = uint64(s.free) << 32
				s.free = h
				u := uint32(e)
				here := s.base + cur
				if s.queued[u] == here {
					s.queued[u] = idle
				}
				copy(now, at(u))
				for _, x := range now {
					if x == None || x.Cost()>>s.shift != here {
						continue
					}
					for _, a := range s.g.Out(u) {
						if nl := x + Label(a.Weight)<<32; nl < end && insert(at(a.Head), nl) {
							s.enter(a.Head, nl.Cost())
						}
					}
				}
			}
		}
		if !s.next() {
			return
		}
	}
}

// rest empties the queue for a small search. The window starts where the
// first entry lies, so all entries wait beyond it at first.
func (s *Searcher) rest() {
	s.pool, s.free, s.beyond, s.base = s.pool[:0], 0, s.beyond[:0], 1<<31
}

// drain hands out what waits, bucket by bucket, with the bucket it waited in,
// for as long as the visitor pushes more. A visitor pushes at or after the
// bucket it is given.
func (s *Searcher) drain(visit func(node, bucket uint32)) {
	for s.next() {
		for cur := range uint32(buckets) {
			for h := s.heads[cur]; h != 0; h = s.heads[cur] {
				e := s.pool[h-1]
				s.heads[cur] = uint32(e >> 32)
				s.pool[h-1] = uint64(s.free) << 32
				s.free = h
				visit(uint32(e), s.base+cur)
			}
		}
	}
}
