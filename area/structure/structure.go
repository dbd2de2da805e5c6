// Package structure is the room of structure scenarios: what mergers,
// cooperation and asymmetric tasks would do, computed by engine/scenario,
// discussed while the meeting goes on, and delivered to the second workshop as
// a memo that politicians and officials can read.
package structure
