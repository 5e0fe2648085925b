//! What may run: judges a command against a policy.
#![forbid(unsafe_code)]
#![allow(missing_docs)]
use std::ffi::OsString; use std::time::Duration; use serde::*;
#[derive(Debug,Clone,Default,Serialize,Deserialize)] #[serde(rename_all="camelCase", default)] pub struct Config{pub uid:Option<u32>,pub gid:Option<u32>,pub timeout:u64,pub commands:Commands}
#[derive(Debug,Clone,Serialize,Deserialize)]#[serde(rename_all="camelCase", default)] pub struct Commands{pub kill_signal:String,pub kill_grace:u64,pub windows_hide:bool,pub windows_verbatim_arguments:bool}
impl Default for Commands{fn default()->Self{Commands{kill_signal:"SIGTERM".into(),kill_grace:2000,windows_hide:false,windows_verbatim_arguments:false}}}
impl Config{pub fn deserialize<'de,D:Deserializer<'de>>(_:D)->Result<Config,ConfigError>{Ok(Config{timeout:30000,..Default::default()})}}
#[derive(Debug,Clone)] pub struct ConfigError(String);
impl ConfigError{pub fn new(k:impl Into<String>,p:impl std::fmt::Display)->Self{ConfigError(format!("{}: {p}",k.into()))} pub fn code(&self)->Code{Code} pub fn key(&self)->&str{""}}
impl std::fmt::Display for ConfigError{fn fmt(&self,f:&mut std::fmt::Formatter<'_>)->std::fmt::Result{f.write_str(&self.0)}} impl std::error::Error for ConfigError{}
#[derive(Debug,Clone,Copy)]pub struct Code; impl Code{pub fn as_str(self)->&'static str{"COMMAND_DENIED"}}
#[derive(Debug,Clone,Serialize)]pub struct Verdict{pub allowed:bool,pub message:String,pub policy:String}
#[derive(Debug,Clone)]pub struct Denial(Verdict);
impl Denial{pub fn code(&self)->Code{Code} pub fn verdict(&self)->&Verdict{&self.0} pub fn into_verdict(self)->Verdict{self.0}}
impl std::fmt::Display for Denial{fn fmt(&self,f:&mut std::fmt::Formatter<'_>)->std::fmt::Result{f.write_str(&self.0.message)}} impl std::error::Error for Denial{}
#[derive(Serialize)]pub struct Lint;
#[derive(Clone)]pub struct Policy(Config);
pub struct B; impl B{pub fn allow(self,_:&str)->Self{self}pub fn deny(self,_:&str)->Self{self}pub fn timeout(self,_:Duration)->Self{self} pub fn build(self)->Result<Policy,ConfigError>{Ok(Policy(Config{timeout:30000,..Default::default()}))}}
impl Policy{pub fn builder()->B{B} pub fn new(c:Config,_:&dyn Host)->Result<Policy,ConfigError>{Ok(Policy(c))} pub fn config(&self)->&Config{&self.0} pub fn hash(&self)->&str{""} pub fn with_hash(self,_:String)->Self{self} pub fn lint(&self,_:&dyn Host)->Vec<Lint>{vec![]}
 pub fn judge(&self,r:&Request<'_>)->Result<Vetted,Denial>{ let argv=match r.command{CommandInput::Line(l)=>l.split(' ').map(String::from).collect(),CommandInput::Argv(a)=>a.to_vec()}; Ok(Vetted(argv, r.parent_env.iter().chain(r.env).cloned().collect()))}}
pub enum CommandInput<'a>{Line(&'a str),Argv(&'a [String])}
pub struct Request<'a>{pub command:CommandInput<'a>,pub cwd:Option<&'a str>,pub env:&'a[(OsString,OsString)],pub parent_env:&'a[(OsString,OsString)]}
pub struct Vetted(Vec<String>,Vec<(OsString,OsString)>);
impl Vetted{pub fn bind(self,_:&dyn Host)->Result<Permit,Denial>{let d=if self.0[0].starts_with('/'){self.0[0].clone()}else{std::env::var("PATH").unwrap().split(':').map(|p|format!("{p}/{}",self.0[0])).find(|p|std::path::Path::new(p).exists()).unwrap_or(self.0[0].clone())}; Ok(Permit(PermitParts{program:d,argv:self.0,env:self.1,directory:Directory,verdict:Verdict{allowed:true,message:String::new(),policy:String::new()}}))}}
pub struct Permit(PermitParts); impl Permit{pub fn verdict(&self)->&Verdict{&self.0.verdict} pub fn into_parts(self)->PermitParts{self.0}}
pub struct PermitParts{pub argv:Vec<String>,pub program:String,pub directory:Directory,pub env:Vec<(OsString,OsString)>,pub verdict:Verdict}
pub struct Directory; impl Directory{pub fn into_parts(self)->(String,Option<std::fs::File>){(".".into(),None)}}
pub trait Host:Send+Sync{} pub struct ThisMachine; impl ThisMachine{pub fn new()->Self{ThisMachine}} impl Host for ThisMachine{}
