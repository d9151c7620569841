// A suite made from a recording: a case for each answered request, in the recorded order and one
// after the other (what a call finds may be what the one before it left), with what may be expected
// of its answer (infer.hpp). The text is a draft for people: they read it before they rely on it.
// Pure.
#pragma once

#include "mcp/recording.hpp"

namespace telltale::lab {

struct ImportSettings {
  std::string fleet = {};  // the server is one of the running Telltale
  std::string name = {};   // of the suite; made when empty
};

struct Imported {
  std::string yaml;
  std::size_t cases = 0;
  std::size_t left_out = 0;  // requests: unanswered, or beyond what a suite may hold
};

// Fails when nothing in it can be asked again.
base::Result<Imported> import_suite(const mcp::Recording& recording,
                                    const ImportSettings& settings = {});

}  // namespace telltale::lab
