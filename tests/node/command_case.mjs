// One row of the corpus in a process of its own: its id and the way to run it are the arguments, a complaint is the output.

import { complaintOf } from './command_outcome.mjs';
import { rows } from './command_rows.mjs';

const [id, way] = process.argv.slice(2);
console.log(JSON.stringify({ complaint: await complaintOf(rows.find((row) => row.id === id), way) }));
