import { exportFor } from './acts/export-people.ts';
import { look } from './acts/look.ts';
import { decide, send, separate } from './acts/say.ts';
import { importFile, release, undo } from './acts/staff.ts';
import { erase, keepHouse, kill, replay } from './acts/strike.ts';
import type { Act } from './script.ts';
import type { SimWorld } from './sim-world.ts';

/** Does one act of a life, and returns when whoever did it goes on. */
export async function perform(world: SimWorld, act: Act): Promise<void> {
  switch (act.do) {
    case 'send':
      return send(world, act);
    case 'decide':
      return decide(world, act);
    case 'import':
      return importFile(world, act.file);
    case 'undo':
      return undo(world, act.file);
    case 'release':
      return release(world);
    case 'separate':
      return separate(world, act);
    case 'erase':
      return erase(world, act.who);
    case 'look':
      return look(world, act);
    case 'export':
      return exportFor(world, act.purpose);
    case 'kill':
      return kill(world, act);
    case 'cut the power':
      return world.cutPower();
    case 'jump the clock':
      (act.role === 'door' ? world.doors : world.projectors)[act.which]?.process.jump(act.by);
      return;
    case 'lose the lease':
      world.database.projectorLease = undefined;
      return;
    case 'replay':
      return replay(world);
    case 'keep house':
      return keepHouse(world);
  }
}
