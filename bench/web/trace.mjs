// A trace of 50,000 spans, opened: the server's answer is a fixture, everything after it is the page's.
export async function measureTrace() {
  throw new Error('there is no waterfall yet');
}
