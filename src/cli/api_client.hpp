// The REST API of a running Telltale, as the commands use it.
#pragma once

#include "base/json.hpp"
#include "cli/commands.hpp"
#include "runtime/task.hpp"

namespace telltale::cli {

struct ApiCall {
  std::string method = "GET";
  std::string path;
  base::Json body = nullptr;
  int wait_s = 0;
};

// Logs in first when there is no token. An answer that is a problem becomes an Error with its
// detail.
runtime::TaskResult<base::Json> call_api(Connection connection, ApiCall call);
// The access token: the one given, or from a login.
runtime::TaskResult<std::string> access_token(Connection connection);

}  // namespace telltale::cli
