#include "store/state_directory.hpp"

#include <cstdlib>

namespace telltale::store {

std::string default_state_directory() {
  const char* const state =
      std::getenv("XDG_STATE_HOME");  // NOLINT(concurrency-mt-unsafe): before any thread
  if (state != nullptr && *state != '\0') return std::string(state) + "/telltale";
  const char* const home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): before any thread
  return std::string(home == nullptr ? "/tmp" : home) + "/.local/state/telltale";
}

}  // namespace telltale::store
