// Machine: how busy this process keeps the machine, and how full its memory is. Its own measure:
// the time since its last sample() is nobody else's. On one loop.
#pragma once

#include "base/clock.hpp"

namespace telltale::app {

class Machine {
 public:
  struct Sample {
    double cpu = 0;             // of all cores, 0…1, since the last sample
    double memory = 0;          // of the machine's, in use by anybody, 0…1
    double resident_bytes = 0;  // of this process
  };
  explicit Machine(const base::Clock& clock);
  Sample sample();

 private:
  const base::Clock& clock_;
  double cores_;
  base::SteadyTime last_;
  double last_cpu_s_;
};

}  // namespace telltale::app
