// Files: the folder of the reports, `<id>.<extension>` each. A file appears whole or not at all.
// An id is one of ours or is refused, so none is a path. Blocks: on the pool.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace telltale::reporting {

struct Format {
  std::string_view name, extension, type;
};
// html, json, pdf, csv, markdown, junit (of some kinds); null: none of them.
const Format* find_format(std::string_view name);
std::string format_names();

class Files {
 public:
  static constexpr std::size_t kBytesMax = 64U << 20U;  // of one that is written or read

  explicit Files(std::string folder) : folder_(std::move(folder)) {}
  base::Result<void> write(const std::string& id, const Format& format,
                           const std::string& bytes) const;
  base::Result<std::string> read(const std::string& id, const Format& format) const;
  void remove(const std::string& id) const;

 private:
  std::string path_of(const std::string& id, const Format& format) const;

  std::string folder_;
};

bool is_report_id(std::string_view id);

}  // namespace telltale::reporting
