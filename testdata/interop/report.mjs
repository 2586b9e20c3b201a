// Report counts checks and prints a line for each.
export class Report {
  passed = 0;
  failed = 0;

  // check runs body and counts it as failed if it throws. A check that needs
  // what an earlier one found fails with it. It returns what body returns.
  async check(name, body) {
    try {
      const value = await body();
      this.passed++;
      console.log(`ok    ${name}`);
      return value;
    } catch (err) {
      this.failed++;
      console.log(`FAIL  ${name}\n      ${String(err?.message ?? err).replaceAll("\n", "\n      ")}`);
      return undefined;
    }
  }

  // close prints the sums and returns the exit code.
  close() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}
