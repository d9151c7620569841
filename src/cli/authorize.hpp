// telltale servers authorize: begins an OAuth authorization, prints where to consent, and waits
// until the browser has brought the answer back.
#pragma once

#include "cli/commands.hpp"

namespace telltale::cli {

struct Authorize {
  std::string server;
  std::string callback = {};  // the answer, brought by hand
  bool forget = false;
  bool no_wait = false;
};

int authorize_server(const Connection& connection, const Authorize& what);

}  // namespace telltale::cli
