/**
 * Preloaded (`node --import`) into a measured process: when it ends, writes its own resource usage to the file that
 * `PINWHEEL_BENCH_USAGE` names. Whole-process figures by the operating system's accounting.
 * Plain JavaScript, so that loading it costs the measured process no type stripping.
 */
import { writeFileSync } from 'node:fs';

const path = process.env['PINWHEEL_BENCH_USAGE'];
if (path !== undefined) {
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(path, JSON.stringify({ maxRSS, userCPUTime, systemCPUTime }));
  });
}
