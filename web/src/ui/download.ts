// A file made here, to the browser's downloads.
export function download(name: string, content: Blob | string, type = 'text/csv') {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], {type}) : content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // some browsers read it after the click
}
export const fileName = (title: string, ending: string) => `${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'chart'}.${ending}`;
