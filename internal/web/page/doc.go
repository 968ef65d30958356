// Package page is what all pages of Premia have in common: who may see them, how
// they are drawn, the words, forms, lists and errors, and the headers that keep
// visitors safe.
//
// A [Site] holds areas, such as the console or the portal; an [Area] has a layout,
// templates and routes. Every route declares what it needs of its visitor, and
// there is no way to add one without. Handlers return errors, and one function
// answers them.
//
// What always holds: nothing on a page comes from another host, no script or
// style stands in a page's own text, and what people typed is escaped. A request
// that changes something is refused when it comes from another site.
package page
