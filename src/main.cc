// annals-operator. What it is made of, and how it runs: src/process.
#include <unistd.h>

#include "process/operator.h"
#include "process/settings.h"

int main(int argc, char** argv) {
  const annals::process::Chosen chosen = annals::process::choose(argc, argv, environ);
  if (!chosen.settings) return chosen.status;
  return annals::process::run(*chosen.settings);
}
