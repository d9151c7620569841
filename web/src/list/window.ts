// Where the rows of a long list are. Browsers bound the height of an element: beyond `tallest` the scrollbar stands for more
// pixels than it has, and rows are placed by their share of the way.
export const tallest = 12_000_000;

export interface Window {first: number; last: number; height: number; place(index: number): number}

export function windowOf(count: number, rowHeight: number, scrollTop: number, view: number, overscan = 12): Window {
  const whole = count * rowHeight;
  const height = Math.min(whole, tallest);
  const way = height - view;
  const top = whole <= tallest || way <= 0 ? scrollTop : (Math.min(scrollTop, way) / way) * (whole - view);
  return {
    first: Math.max(0, Math.floor(top / rowHeight) - overscan),
    last: Math.min(count, Math.ceil((top + view) / rowHeight) + overscan),
    height,
    place: (index) => index * rowHeight - top + scrollTop,
  };
}

// The scroll position of the end.
export const endOf = (count: number, rowHeight: number, view: number) => Math.max(0, Math.min(count * rowHeight, tallest) - view);

// The scroll position at which a row is at the top of the view (0), its middle (0.5) or its end (1).
export function scrollTo(index: number, count: number, rowHeight: number, view: number, align: number): number {
  const whole = count * rowHeight;
  const top = Math.max(0, Math.min(whole - view, index * rowHeight - align * (view - rowHeight)));
  const height = Math.min(whole, tallest);
  return whole <= tallest || whole <= view ? top : (top / (whole - view)) * (height - view);
}
