import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { Stop, say } from './words.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MEND = 'Install chromium, or set CHROME_PATH to one.';

/** The path of a Chromium for the browser tests; installs Debian's where that is possible. */
export async function ensureChromium() {
  const given = process.env.CHROME_PATH;
  if (given !== undefined && given !== '') {
    if (runnable(given)) return given;
    throw new Stop(`CHROME_PATH names ${given}, which is no program. ${MEND}`);
  }
  return found() ?? (await installed());
}

function runnable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function found() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  places.push('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  return places.find(runnable);
}

async function installed() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Stop(`the browser tests need a Chromium and none was found. ${MEND}`);
  }
  say("installing Debian's chromium for the browser tests");
  const steps = [['update'], ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']];
  for (const step of steps) await aptGet(step);
  const file = found();
  if (file === undefined) throw new Stop(`apt-get brought no chromium. ${MEND}`);
  return file;
}

function aptGet(args) {
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', ['-q', ...args], {
      stdio: ['ignore', process.stderr, 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    child.on('error', () => reject(new Stop(`apt-get was not found. ${MEND}`)));
    child.on('exit', (code) => {
      if (code === 0) resolve(undefined);
      else reject(new Stop(`apt-get ${args[0]} failed. ${MEND}`));
    });
  });
}
