package journal

import "sync"

// broadcast wakes whoever waits for the journal to grow.
type broadcast struct {
	mu   sync.Mutex
	next chan struct{}
}

func (b *broadcast) init() { b.next = make(chan struct{}) }

// wait gives a channel that is closed at the next send.
func (b *broadcast) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

func (b *broadcast) send() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}
