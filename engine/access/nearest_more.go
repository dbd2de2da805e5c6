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

// two is the search for K = 2.
func (s *Searcher) two(lab []Label, seeds []Seed, limit uint32) {
	at := func(v uint32) *[2]Label { return (*[2]Label)(lab[2*int(v):]) }
	for _, d := range seeds {
		if d.Cost <= limit && insert2(at(d.Node), NewLabel(d.Cost, d.Site)) {
			s.enter(d.Node, d.Cost)
		}
	}
	first, arcs := s.g.First, s.g.Arcs
	end := NewLabel(limit+1, 0)
	toBucket := s.shift + 32
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
				l := *at(u)
				for _, x := range l {
					if uint32(x>>toBucket) != here {
						continue
					}
					for _, a := range arcs[first[u]:first[u+1]] {
						nl := x + Label(a.Weight)<<32
						if p := at(a.Head); nl < p[1] && nl < end && insert2(p, nl) {
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
