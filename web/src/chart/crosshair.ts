// One moment pointed at on a page: whatever has a time axis (plots, heatmaps, lanes) shows it while any of them is pointed at.
export type Follower = (seconds: number | null) => void;
const followers = new Map<object, Follower>();

// Told by `self` what others point at, until the function that comes back is called.
export function followCrosshair(self: object, follower: Follower): () => void {
  followers.set(self, follower);
  return () => void followers.delete(self);
}
export function pointAt(self: object, seconds: number | null): void {
  for (const [other, follower] of followers) if (other !== self) follower(seconds);
}
