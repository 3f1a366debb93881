// Tests, management commands and background tasks.

import { Endpoints } from "../parts/endpoints";
import { RangeBar } from "../parts/rangebar";

export function WorkPage() {
  return (
    <>
      <RangeBar />
      <Endpoints tab="work" title="Tests, commands and tasks" />
    </>
  );
}
