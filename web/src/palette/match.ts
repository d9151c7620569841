// Finding by a few letters: every word must occur, whole words before beginnings of words before letters in their order.
export interface Searchable {name: string; more?: string}
export interface Found<T> {entry: T; score: number; marks: number[]} // marks: which letters of the name fit

const isStart = (text: string, at: number) => at === 0 || /[\s\-_./:]/.test(text[at - 1]);

// How well `word` fits `text` (both in lower case), and where; null if it does not.
export function fit(word: string, text: string): {score: number; marks: number[]} | null {
  const whole = text.indexOf(word);
  if (whole >= 0) {
    let at = whole;
    for (let next = whole; next >= 0 && !isStart(text, at); next = text.indexOf(word, next + 1)) if (isStart(text, next)) at = next;
    const ends = at + word.length === text.length || /[\s\-_./:]/.test(text[at + word.length]);
    return {score: 60 + (isStart(text, at) ? 25 : 0) + (ends ? 10 : 0) + (at === 0 ? 5 : 0) - Math.min(20, text.length / 8), marks: Array.from(word, (_, index) => at + index)};
  }
  const marks: number[] = [];
  let score = 20;
  for (let at = 0, next = 0; next < word.length; next++, at++) {
    const found = text.indexOf(word[next], at);
    if (found < 0) return null;
    score += isStart(text, found) ? 4 : found === at && next > 0 ? 1 : -1;
    marks.push(found);
    at = found;
  }
  return {score: score - Math.min(20, text.length / 8), marks};
}

// Best first. What was chosen lately comes before what fits as well, and alone stands first where nothing is asked for.
export function search<T extends Searchable>(entries: readonly T[], query: string, rankOf: (entry: T) => number, most: number): Found<T>[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found: Found<T>[] = [];
  for (const entry of entries) {
    const name = entry.name.toLowerCase();
    const more = entry.more?.toLowerCase() ?? '';
    const marks: number[] = [];
    let score = 0;
    let fits = true;
    for (const word of words) {
      const here = fit(word, name);
      const there = here ? null : fit(word, more);
      if (!here && !there) { fits = false; break; }
      score += here ? here.score : (there?.score ?? 0) / 2;
      if (here) marks.push(...here.marks);
    }
    if (fits) found.push({entry, score: score / Math.max(1, words.length) + rankOf(entry), marks});
  }
  return found.sort((a, b) => b.score - a.score).slice(0, most); // stable: equal ones stay in the order given
}
