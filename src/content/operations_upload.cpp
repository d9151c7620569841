#include "content/operations.hpp"

namespace telltale::content {

using base::FieldRule;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct BeginUpload {
  std::string name;
  bool pin = true;
  bool directory = false;
  int cid_version = 0;
  std::optional<bool> raw_leaves;
};
BOOST_DESCRIBE_STRUCT(BeginUpload, (), (name, pin, directory, cid_version, raw_leaves))
constexpr auto field_rules(const BeginUpload*) {
  return std::array{
      FieldRule{.name = "name", .help = "shown in lists", .maximum = 255, .has_default = true},
      FieldRule{.name = "pin", .help = "keep it whatever the size limit", .has_default = true},
      FieldRule{.name = "directory",
                .help = "many files: each piece names its path, one file after the other",
                .has_default = true},
      FieldRule{.name = "cid_version", .minimum = 0, .maximum = 1, .has_default = true},
      FieldRule{.name = "raw_leaves", .help = "default: with version 1, as kubo does"}};
}

struct AppendUpload {
  std::string upload;
  std::int64_t offset = 0;
  std::string path;
  std::string kind = "file";
};
BOOST_DESCRIBE_STRUCT(AppendUpload, (), (upload, offset, path, kind))
constexpr auto field_rules(const AppendUpload*) {
  return std::array{FieldRule{.name = "offset",
                              .help = "bytes sent before: a piece that came twice is refused",
                              .minimum = 0},
                    FieldRule{.name = "path",
                              .help = "in the upload of a directory: where it lies, a/b.txt",
                              .maximum = 4096,
                              .has_default = true},
                    FieldRule{.name = "kind",
                              .help = "file: bytes of it; directory: an empty one, no bytes; "
                                      "symlink: the bytes are where it leads",
                              .one_of = "file|directory|symlink",
                              .has_default = true}};
}

struct OneUpload {
  std::string upload;
};
BOOST_DESCRIBE_STRUCT(OneUpload, (), (upload))

namespace {

TaskResult<JsonObject> begin(Engine* content, ContextPtr context, BeginUpload input) {
  auto options = import_options(input.cid_version, input.raw_leaves);
  if (!options) co_return std::unexpected(options.error());
  auto upload = content->uploads().begin(
      context->actor().id, *options,
      {.name = std::move(input.name), .pin = input.pin, .by = context->actor().name},
      input.directory);
  if (!upload) co_return std::unexpected(upload.error());
  co_return JsonObject{{"upload", (*upload)->id}, {"received", 0}};
}

TaskResult<JsonObject> append(Engine* content, ContextPtr context, AppendUpload input) {
  using Kind = PiecePlace::Kind;
  auto bytes = context->bytes();
  if (!bytes)
    co_return base::bad_field("",
                              "a piece must be the body, with Content-Type: "
                              "application/octet-stream");
  auto received = co_await content->uploads().append(
      std::move(input.upload), context->actor().id, static_cast<std::uint64_t>(input.offset), bytes,
      {.kind = input.kind == "symlink"     ? Kind::symlink
               : input.kind == "directory" ? Kind::directory
                                           : Kind::file,
       .path = std::move(input.path)});
  if (!received) co_return std::unexpected(received.error());
  co_return JsonObject{{"received", *received}};
}

TaskResult<JsonObject> finish(Engine* content, ContextPtr context, OneUpload input) {
  auto root = co_await content->uploads().finish(std::move(input.upload), context->actor().id);
  if (!root) co_return std::unexpected(root.error());
  context->set_subject(root->cid);
  co_return record_of(*root);
}

TaskResult<JsonObject> abandon(Engine* content, ContextPtr context, OneUpload input) {
  if (auto done = content->uploads().abandon(input.upload, context->actor().id); !done)
    co_return std::unexpected(done.error());
  co_return JsonObject();
}

template <class Input>
void add(runtime::OperationRegistry& registry, Engine& content, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(Engine*, ContextPtr, Input)) {
  spec.permission = "content:write";
  spec.group = "Content";
  spec.time_limit = std::chrono::minutes(10);
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [engine = &content, body](ContextPtr context, Input input) {
        return body(engine, std::move(context), std::move(input));
      }));
}

}  // namespace

// The record of the whole is that of its end: neither beginning nor pieces change what there is.
void declare_upload_operations(runtime::OperationRegistry& registry, Engine& content) {
  add(registry, content,
      {.name = "content.upload.begin",
       .help = "Begins a file that comes in pieces",
       .permission = {},
       .routes = {{"POST", "/api/content/uploads", 201}}},
      begin);
  add(registry, content,
      {.name = "content.upload.append",
       .help = "The next piece of it",
       .permission = {},
       .routes = {{"PUT", "/api/content/uploads/{upload}"}},
       .takes_bytes = true},
      append);
  add(registry, content,
      {.name = "content.upload.finish",
       .help = "It is whole; answers the CID kubo would give",
       .permission = {},
       .changes = true,
       .routes = {{"POST", "/api/content/uploads/{upload}/finish", 201}}},
      finish);
  add(registry, content,
      {.name = "content.upload.abandon",
       .help = "Gives an upload up",
       .permission = {},
       .routes = {{"DELETE", "/api/content/uploads/{upload}", 204}}},
      abandon);
}

}  // namespace telltale::content
