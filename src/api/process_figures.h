// What the kernel says of this process.
#pragma once

namespace annals::api {

struct ProcessFigures {
  double resident_bytes = 0;
  double cpu_seconds = 0;
  double open_files = 0;
};

// Zeroes where the kernel does not say.
ProcessFigures process_figures();

// Seconds since 1970.
double process_start_time();

}  // namespace annals::api
