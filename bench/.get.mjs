import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { startLoad, request } from './support/load.mjs';
const mode=process.argv[2];
const dir=mkdtempSync('/dev/shm/get-');
const prof=process.env.PROF?['--cpu-prof','--cpu-prof-dir='+process.env.PROF]:[];
const c=spawn(process.execPath,[...prof,'/work/main/dist/cli/main.js','serve','--port','0','--data',dir,'--workers','0'],{stdio:['ignore','pipe','ignore']});
const url=await new Promise(r=>c.stdout.on('data',d=>{const m=/http\S+/.exec(d);if(m)r(m[0])}));
const load = await startLoad();
const png=Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==','base64');
const job=await (await fetch(url+'/v1/thumbnails',{method:'POST',headers:{'content-type':'image/png'},body:png})).json();
const req= mode==='get'? request('GET','/v1/jobs/'+job.id,{status:200}) : request('POST','/v1/thumbnails',{mediaType:'application/json',body:Buffer.from(JSON.stringify({source:{file:job.source.file},options:{width:64},fresh:true})),status:202});
for(let r=0;r<4;r++){const n=mode==='get'?40000:12000;const t=performance.now();await load.run({url,connections:32,count:n,request:req});console.log((n/(performance.now()-t)*1000|0)+'/s')}
c.kill();c.on('exit',()=>process.exit());
