// The steps that can be taken back, each the cells that changed at once.

const MOST_STEPS = 100;
const steps = [];

export function remember(changed) {
  const before = steps.at(-1);
  const [cell] = changed;
  // what is typed on in the same cell without leaving it is one step
  if (changed.length === 1 && before?.length === 1 && before[0].cell === cell && before[0].visit === cell.visit) return;
  steps.push(changed.map((one) => ({ cell: one, before: one.kept, visit: one.visit })));
  if (steps.length > MOST_STEPS) steps.shift();
}

// Return the cells of the last step, each with its value before; undefined when there is none.
export const lastStep = () => steps.pop();
