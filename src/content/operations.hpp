// What can be asked of the content store: content.*, /api/content.
#pragma once

#include "content/engine.hpp"
#include "runtime/operation.hpp"

namespace telltale::content {

void declare_operations(runtime::OperationRegistry& registry, Engine& content);
// Files in pieces: content.upload.*
void declare_upload_operations(runtime::OperationRegistry& registry, Engine& content);

// What the two files of operations share.
base::Result<Cid> cid_of_input(const std::string& text);
base::JsonObject record_of(const store::ContentRoot& root);
base::Result<ImportOptions> import_options(int cid_version, std::optional<bool> raw_leaves);

}  // namespace telltale::content
