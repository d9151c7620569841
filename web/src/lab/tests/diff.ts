// The difference of two texts, line by line: the longest common subsequence, after what both begin and end with.
export interface DiffLine {mark: ' ' | '-' | '+' | '…'; text: string}

const tableLimit = 4_000_000; // cells; beyond it the middle is shown as replaced

export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (lines: string[]): DiffLine[] => lines.map((text) => ({mark: ' ', text}));
  return [...same(a.slice(0, head)), ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...same(a.slice(a.length - tail))];
}

function middle(a: string[], b: string[]): DiffLine[] {
  const out: DiffLine[] = [];
  const push = (mark: DiffLine['mark'], text: string) => out.push({mark, text});
  if (a.length * b.length > tableLimit) {
    for (const text of a) push('-', text);
    for (const text of b) push('+', text);
    return out;
  }
  const wide = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) longest[i * wide + j] = a[i] === b[j] ? longest[(i + 1) * wide + j + 1] + 1 : Math.max(longest[(i + 1) * wide + j], longest[i * wide + j + 1]);
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      push(' ', a[i++]);
      j++;
    } else if (i < a.length && (j >= b.length || longest[(i + 1) * wide + j] >= longest[i * wide + j + 1])) push('-', a[i++]);
    else push('+', b[j++]);
  }
  return out;
}

// Only what changed, with so many lines around it.
export function withContext(lines: DiffLine[], around = 3): DiffLine[] {
  const keep = new Set<number>();
  lines.forEach((line, at) => {
    if (line.mark !== ' ') for (let near = at - around; near <= at + around; near++) keep.add(near);
  });
  const out: DiffLine[] = [];
  lines.forEach((line, at) => {
    if (keep.has(at)) out.push(line);
    else if (out.at(-1)?.mark !== '…') out.push({mark: '…', text: ''});
  });
  return out;
}
