// The schemas of the tools as the server last listed them: which tools may be offered at all, which
// arguments go into Mcp-Param-* headers, and whether a result keeps the promise of outputSchema.
// Schemas stay as they came. No I/O.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mcp/client.hpp"

namespace telltale::mcp {

class ToolSchemas {
 public:
  // Replaces what was known. The list that comes back lacks the tools that may not be used; why, is
  // in `findings`. `check_headers`: Streamable HTTP of the modern era, where a wrong x-mcp-header
  // makes the whole tool invalid.
  base::JsonArray take(base::JsonArray tools, bool check_headers, std::vector<Finding>& findings);

  std::vector<std::pair<std::string, std::string>> headers_of(
      const std::string& tool, const base::JsonObject& arguments) const;

  struct Verdict {
    std::vector<std::string> errors;
    bool complete = true;  // false: the schema was too much work to be checked to the end
  };
  // server/tools "Output Schema": a tool that declares one must answer with structuredContent that
  // fits, unless isError.
  Verdict check_result(const std::string& tool, const base::JsonObject& result) const;

 private:
  std::map<std::string, base::JsonObject> input_;
  std::map<std::string, base::Json> output_;
};

}  // namespace telltale::mcp
