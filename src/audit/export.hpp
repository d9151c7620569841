// Export: exactly the entries of a query, oldest first, as CSV, NDJSON or one JSON array, a piece
// at a time. Entries never change and `end` fixes which there are: to read it twice gives the same
// bytes, which is how its length is known before it is sent. One thread at a time.
#pragma once

#include "audit/chain.hpp"

namespace telltale::audit {

enum class ExportFormat { csv, ndjson, json };

class Export {
 public:
  Export(Query query, ExportFormat format, std::int64_t end);
  // Blocks; "" when all has come.
  base::Result<std::string> next(store::Connection& db);

 private:
  std::string row(const Record& record);

  Query query_;
  ExportFormat format_;
  std::int64_t end_;
  std::int64_t after_ = 0;
  bool begun_ = false;
  bool any_ = false;
  bool done_ = false;
};

std::string_view media_type(ExportFormat format);

}  // namespace telltale::audit
