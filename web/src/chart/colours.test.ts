// The colours of series and states as styles.css has them: seen on their surface, and told apart by those who see fewer colours.
// @ts-expect-error the page's types know nothing of Node, where the tests run
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';

const css = readFileSync(new URL('../styles.css', import.meta.url), 'utf8') as string;

type Tokens = Record<string, string>;
function tokensOf(selector: string): Tokens {
  const from = css.indexOf(selector);
  const block = css.slice(from, css.indexOf('}', from));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6})/g)].map(([, name, value]) => [name, value.length === 4 ? value.replace(/[0-9a-f]/g, '$&$&') : value]));
}
const dark = tokensOf(':root {');
const themes: Record<string, Tokens> = {dark, light: {...dark, ...tokensOf(":root[data-theme='light']")}, contrast: {...dark, ...tokensOf(":root[data-theme='contrast']")}};

const linear = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
const luminance = (hex: string) => linear(hex).reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
const contrast = (a: string, b: string) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);

// Full dichromacy after Machado, Oliveira and Fernandes 2009.
const sights = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
function lab(hex: string, sight: number[][]): number[] { // OKLab of what is seen
  const [r, g, b] = sight.map((row) => Math.min(1, Math.max(0, row.reduce((sum, weight, at) => sum + weight * linear(hex)[at], 0))));
  const [l, m, s] = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]].map((row) => Math.cbrt(row[0] * r + row[1] * g + row[2] * b));
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}
const apart = (a: string, b: string, sight: number[][]) => 100 * Math.hypot(...lab(a, sight).map((one, at) => one - lab(b, sight)[at]));

for (const [name, tokens] of Object.entries(themes)) {
  test(`${name}: every line is seen on its surface, and text of a state can be read`, () => {
    for (let rank = 1; rank <= 8; rank++) expect(contrast(tokens[`series-${rank}`], tokens.surface), `series-${rank}`).toBeGreaterThanOrEqual(4.5);
    for (const state of ['ok', 'warn', 'down', 'info', 'accent', 'muted', 'text']) expect(contrast(tokens[state], tokens.bg), state).toBeGreaterThanOrEqual(4.5);
  });
  test(`${name}: the four lines without dashes differ for every eye`, () => {
    for (const [sight, matrix] of Object.entries(sights))
      for (let a = 1; a <= 4; a++)
        for (let b = a + 1; b <= 4; b++) expect(apart(tokens[`series-${a}`], tokens[`series-${b}`], matrix), `${a} and ${b}, ${sight}`).toBeGreaterThan(5);
  });
}

// The ramp of the heatmaps: light-dark(light, dark) in chart.css.
const chartCss = readFileSync(new URL('chart.css', import.meta.url), 'utf8') as string;
const ramps = [...chartCss.matchAll(/\.heat-(\d) \{ background: light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\); \}/g)];
test('the heatmap has seven steps, each seen apart from the one before it by every eye, ever further from the page', () => {
  expect(ramps.map(([, step]) => step)).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  for (const [theme, column] of [['light', 2], ['dark', 3]] as const) {
    const ramp = ramps.map((step) => step[column]);
    const far = ramp.map((one) => contrast(one, themes[theme].surface));
    for (let step = 1; step < ramp.length; step++) expect(far[step], `${theme} ${step}`).toBeGreaterThan(far[step - 1]);
    for (const [sight, matrix] of Object.entries(sights))
      for (let step = 0; step < ramp.length; step++) expect(apart(ramp[step], step ? ramp[step - 1] : themes[theme].surface, matrix), `${theme} ${step}, ${sight}`).toBeGreaterThan(5);
  }
});
