package document

import (
	"iter"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Map is a mapping that keeps the order of the document, so that whatever is
// derived from it (a description, a decision) has that order too. The zero Map
// is empty.
type Map[T any] struct {
	keys   []string
	values map[string]T
}

// Entry is one key with its value.
type Entry[T any] struct {
	Key   string
	Value T
}

// MakeMap builds a Map of entries in their order. A key given again replaces the
// value and keeps the first place.
func MakeMap[T any](entries ...Entry[T]) Map[T] {
	var m Map[T]
	for _, e := range entries {
		m.set(e.Key, e.Value)
	}
	return m
}

// Keys are the keys in order; the caller owns the slice.
func (m Map[T]) Keys() []string { return slices.Clone(m.keys) }

// Get is the value of key, and whether there is one.
func (m Map[T]) Get(key string) (T, bool) {
	value, ok := m.values[key]
	return value, ok
}

// Has tells whether key is present.
func (m Map[T]) Has(key string) bool {
	_, ok := m.values[key]
	return ok
}

// Len is the number of entries.
func (m Map[T]) Len() int { return len(m.keys) }

// All yields the entries in order.
func (m Map[T]) All() iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, key := range m.keys {
			if !yield(key, m.values[key]) {
				return
			}
		}
	}
}

func (m *Map[T]) set(key string, value T) {
	if m.values == nil {
		m.values = map[string]T{}
	}
	if _, ok := m.values[key]; !ok {
		m.keys = append(m.keys, key)
	}
	m.values[key] = value
}

// anyMap is what the reader and the schema need of a Map, whatever its element.
type anyMap interface {
	elementType() reflect.Type
	size() int
	readEntry(d *decoder, key string, n *yaml.Node, at *place, r *rules)
}

func (m *Map[T]) elementType() reflect.Type { return reflect.TypeFor[T]() }

func (m *Map[T]) size() int { return len(m.keys) }

func (m *Map[T]) readEntry(d *decoder, key string, n *yaml.Node, at *place, r *rules) {
	var value T
	d.value(n, reflect.ValueOf(&value).Elem(), at, r)
	m.set(key, value)
}
