// What the interop server plays, made by ffmpeg into a folder once: ten seconds of its test pattern in three renditions
// of H.264 (constrained baseline, delimiters between the frames) and VP8, and a tone in Opus. A key frame each second.
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';

export const rungs = [
  {name: 'low', size: '320x180', rate: '220k'},
  {name: 'medium', size: '640x360', rate: '600k'},
  {name: 'high', size: '1280x720', rate: '1300k'},
];

export function makeMedia(folder) {
  mkdirSync(folder, {recursive: true});
  if (existsSync(join(folder, 'audio.ogg'))) return folder;
  const ffmpeg = (...rest) => execFileSync('ffmpeg', ['-v', 'error', '-y', '-threads', '1', ...rest]);
  for (const {name, size, rate} of rungs) {
    const pattern = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30:duration=10`, '-pix_fmt', 'yuv420p'];
    const rates = ['-b:v', rate, '-maxrate', rate, '-bufsize', rate];
    ffmpeg(...pattern, '-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-tune', 'zerolatency', ...rates,
      '-x264-params', 'keyint=30:min-keyint=30:scenecut=0:aud=1:repeat-headers=1:sliced-threads=0', '-bsf:v', 'h264_metadata=level=3.1', join(folder, `${name}.h264`));
    ffmpeg(...pattern, '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0', '-g', '30', '-keyint_min', '30', ...rates, join(folder, `${name}.ivf`));
  }
  ffmpeg('-f', 'lavfi', '-i', 'sine=frequency=440:duration=10', '-c:a', 'libopus', '-ac', '2', '-b:a', '48k', '-frame_duration', '20', join(folder, 'audio.ogg'));
  return folder;
}

if (process.argv[1] === import.meta.filename) makeMedia(process.argv[2]);
