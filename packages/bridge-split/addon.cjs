// The addon: built here (build/Release), or else a prebuild.
module.exports = require('node-gyp-build')(__dirname);
